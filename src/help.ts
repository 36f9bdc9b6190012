import { describeSettings } from './config.ts';

/** The text of `--help`. */
export function renderHelp(): string {
  const rows = describeSettings().map(({ name, fallback, allowed, help }) => [
    `  ${name.padEnd(22)}${help}`,
    `${' '.repeat(24)}${allowed}; default: ${fallback}`,
  ]);
  return [
    'Usage: node dist/src/server.js [--help]',
    '',
    'An Express server with a CPU-heavy endpoint. It is configured by environment variables:',
    '',
    ...rows.flat(),
    '',
    'Exit codes: 0 after a clean shutdown, 1 after a failure or an unclean one, 2 for a bad setting',
    'or an address that cannot be listened on.',
    '',
  ].join('\n');
}
