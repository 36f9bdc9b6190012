// `npm run bench:statistics`: what the lab's intervals and verdicts are worth, in simulation. Nothing is measured, so the same
// seed prints the same table on every machine.
//
//   npm run bench:statistics -- [--experiments 1000] [--seed 1] [--json]
import { Command } from 'commander';
import { toInteger } from '../loadtest/commands/numbers.ts';
import {
  type ContrastSettings,
  defaultContrastSettings,
  quickContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { type Column, renderColumns } from '../loadtest/report/columns.ts';
import {
  evaluateAnyVerdict,
  evaluateNewcomers,
  evaluateRatios,
  evaluateTrends,
  listComparisons,
  standardError,
} from './evidence.ts';
import { type Bank, type ComparedStream, type Level, simulateBank } from './simulated-contrasts.ts';

type Settings = Omit<ContrastSettings, 'seed'>;

const modes = ['inline', 'pool'] as const;
const pairs = [
  ['pool', 'pool'],
  ['inline', 'inline'],
  ['inline', 'pool'],
] as const;
const streamTitles: Record<ComparedStream, string> = {
  users: 'GET /users',
  newcomers: 'GET /users, new connections',
};
const steadyLoad = 0.6;
const overload = 1.2;

const { experiments, seed, json } = new Command('evidence')
  .description("what the lab's intervals and verdicts are worth, in simulation")
  .option('--experiments <n>', 'simulated contrasts a load', toInteger(10, 100_000), 1000)
  .option('--seed <n>', 'where all chance comes from', toInteger(0, 2 ** 31), 1)
  .option('--json', 'print JSON instead of tables')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ experiments: number; seed: number; json?: true }>();

const steady = assessRatios(defaultContrastSettings, seed);
const quick = assessRatios(quickContrastSettings, seed + 1);
const { rounds, measureMs } = steady.level;
const asSteady = { ...defaultContrastSettings, areLevelsFixed: true, repeats: rounds, measureMs };
const trends = [
  ...steady.trends,
  ...assessTrends(simulate(asSteady, 0.8, seed + 2)),
  ...assessTrends(simulate(asSteady, 0.9, seed + 3)),
  ...assessTrends(simulate(defaultContrastSettings, overload, seed + 4)),
  ...assessTrends(simulate(quickContrastSettings, overload, seed + 5)),
];
process.stdout.write(
  json
    ? `${JSON.stringify({ experiments, seed, steady, quick, trends }, undefined, 2)}\n`
    : [
        `${experiments} simulated contrasts a load, seed ${seed}. Shares are in %, after ± their standard error.`,
        '',
        ...renderRatios(steady, 'default'),
        '',
        ...renderRatios(quick, '--quick'),
        '',
        ...renderTrends(),
        '',
        ...renderNewcomers(),
        '',
      ].join('\n'),
);

function simulate(settings: Settings, load: number, seed: number): Bank {
  return simulateBank({ ...settings, levels: [load] }, load, experiments, seed);
}

function assessRatios(settings: Settings, seed: number) {
  const bank = simulate(settings, steadyLoad, seed);
  const ratios = pairs.flatMap(([first, second]) =>
    listComparisons(bank, first, second).map((comparison) => evaluateRatios(bank, comparison)),
  );
  const anyVerdict = modes.map((mode) => ({ mode, share: evaluateAnyVerdict(bank, mode) }));
  return { level: bank.level, ratios, anyVerdict, trends: assessTrends(bank) };
}

function assessTrends(bank: Bank) {
  const { level } = bank;
  return modes.map((mode) => ({
    level,
    trend: evaluateTrends(bank, mode),
    newcomers: evaluateNewcomers(bank, mode),
  }));
}

function renderRatios({ level, ratios, anyVerdict }: typeof steady, name: string): string[] {
  const columns: Column[] = [
    { title: `${name}: ${renderLevel(level)}`, align: 'left' },
    { title: '', align: 'right' },
    { title: 'holds the truth', align: 'right' },
    { title: 'false verdict', align: 'right' },
    { title: 'lateness only', align: 'right' },
    { title: 'finds 1.5×', align: 'right' },
    { title: 'upper ÷ lower', align: 'right' },
  ];
  const rows = ratios.map((evidence) => {
    const { first, second, stream, percentile, coverage, verdicts, width } = evidence;
    const { generatorVerdicts, power } = evidence;
    const isSame = first === second;
    return [
      `${first} ÷ ${second}  ${streamTitles[stream]}`,
      `p${percentile}`,
      renderShare(coverage),
      isSame ? renderShare(verdicts) : '',
      isSame ? renderShare(generatorVerdicts) : '',
      isSame ? renderShare(power) : '',
      width.toFixed(2),
    ];
  });
  const any = anyVerdict.map(({ mode, share }) => `${mode} ${renderShare(share)}`).join(', ');
  return [...renderColumns(columns, rows), `a false verdict anywhere above: ${any}`];
}

function renderTrends(): string[] {
  const columns: Column[] = [
    { title: 'growth of GET /users, ms per s', align: 'left' },
    { title: 'truth', align: 'right' },
    { title: 'limits', align: 'right' },
    { title: 'holds the truth', align: 'right' },
    { title: 'keeps up', align: 'right' },
    { title: 'near its limit', align: 'right' },
    { title: 'at its limit', align: 'right' },
    { title: 'does not keep up', align: 'right' },
  ];
  // No "-0".
  const round = (value: number) => `${Math.round(value) || 0}`;
  return renderColumns(
    columns,
    trends.map(({ level, trend: { mode, states, ...growth } }) => [
      `${renderLevel(level)}  ${mode}`,
      round(growth.trueGrowthMsPerSec),
      `${round(growth.lowMsPerSec)} to ${round(growth.highMsPerSec)}`,
      renderShare(growth.coverage),
      renderShare(states['keeps up']),
      renderShare(states['near its limit']),
      renderShare(states['at its limit']),
      renderShare(states['does not keep up']),
    ]),
  );
}

function renderNewcomers(): string[] {
  const columns: Column[] = [
    { title: 'newcomers answered in time, %', align: 'left' },
    { title: 'truth', align: 'right' },
    { title: 'limits', align: 'right' },
    { title: 'holds the truth', align: 'right' },
  ];
  const percent = (share: number) => (100 * share).toFixed(1);
  return renderColumns(
    columns,
    trends.map(({ level, newcomers: { mode, trueShare, low, high, coverage } }) => [
      `${renderLevel(level)}  ${mode}`,
      percent(trueShare),
      `${percent(low)} to ${percent(high)}`,
      renderShare(coverage),
    ]),
  );
}

function renderLevel({ offeredLoad, rounds, measureMs }: Level): string {
  return `load ${offeredLoad}, ${rounds} × ${measureMs / 1000} s`;
}

function renderShare(share: number): string {
  const error = standardError(share, experiments);
  return `${(100 * share).toFixed(1)} ± ${(100 * error).toFixed(1)}`;
}
