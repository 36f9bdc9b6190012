import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, start } from './helpers/lab-command.ts';

const script = fileURLToPath(new URL('../scripts/test.mjs', import.meta.url));
const pathOf = (name: string) =>
  fileURLToPath(new URL(`fixtures/runner/${name}.ts`, import.meta.url));

describe('test runner', { concurrency: 2 }, () => {
  const cases: [files: string[], code: number, says: string[]][] = [
    [['passing'], 0, []],
    [['from-elsewhere', 'passing'], 0, []],
    [['failing', 'passing'], 1, []],
    [['no-test', 'passing'], 1, ['✖ test/fixtures/runner/no-test.ts ran no test']],
    [['empty-suite', 'passing'], 1, ['✖ test/fixtures/runner/empty-suite.ts ran no test']],
    [
      ['all-skipped'],
      0,
      ['Skipped: 1', 'test/fixtures/runner/all-skipped.ts: a suite: no such tool'],
    ],
    [
      ['all-skipped', 'skipping-one'],
      0,
      [
        'Skipped: 2',
        'test/fixtures/runner/all-skipped.ts: a suite: no such tool',
        'test/fixtures/runner/skipping-one.ts: not here: no reason given',
      ],
    ],
  ];
  for (const [files, code, says] of cases) {
    test(`test runner: ${files.join(', ')}: exit ${code}${says.map((line) => `, ${line}`).join('')}`, async (t) => {
      const ended = await run(t, files.map(pathOf));
      assert.equal(ended.code, code, ended.stdout);
      assert.deepEqual(findings(ended), says);
    });
  }

  test('test runner: a skip where nothing may be skipped: listed, exit 1', async (t) => {
    const ended = await run(t, [pathOf('all-skipped')], { OFFLOAD_LAB_REQUIRE_ALL: '1' });
    assert.equal(ended.code, 1);
    assert.deepEqual(findings(ended), [
      'Skipped: 1',
      'test/fixtures/runner/all-skipped.ts: a suite: no such tool',
      '✖ nothing may be skipped with OFFLOAD_LAB_REQUIRE_ALL=1',
    ]);
  });

  test('test runner: a name pattern: what it leaves out is no finding', async (t) => {
    const files = ['all-skipped', 'failing', 'no-test', 'passing'].map(pathOf);
    const ended = await run(t, [...files, '--test-name-pattern=inside'], {
      OFFLOAD_LAB_REQUIRE_ALL: '1',
    });
    assert.equal(ended.code, 0, ended.stdout);
    assert.deepEqual(findings(ended), []);
  });

  test('test runner: a file that Node leaves out: said, exit 1', async (t) => {
    const ended = await run(t, ['all-skipped', 'passing'].map(pathOf).concat('--test-shard=2/2'));
    assert.equal(ended.code, 1);
    assert.deepEqual(findings(ended), ['✖ test/fixtures/runner/all-skipped.ts did not run']);
  });

  test('test runner: no such file: one line, exit 1', async (t) => {
    const ended = await run(t, ['test/none.test.ts']);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^No such test file: [^\n]*none\.test\.ts\n$/);
  });
});

function run(
  t: Parameters<typeof start>[0],
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const tolerant = { OFFLOAD_LAB_REQUIRE_ALL: '0' };
  return start(t, [process.execPath, script, ...args], { ...tolerant, ...env }).ended;
}

/** What the runner itself said, after Node's report and on stderr. */
function findings({ stdout, stderr }: Ended): string[] {
  const [, list = ''] = /\n(Skipped: .*)$/s.exec(stdout) ?? [];
  return `${list}\n${stderr}`.split('\n').flatMap((line) => line.trim() || []);
}
