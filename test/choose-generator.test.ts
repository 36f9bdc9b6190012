import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseGenerator, type GeneratorName } from '../loadtest/experiments/choose-generator.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { createStubLab } from './helpers/stub-lab.ts';

/** Chooses with nothing on the PATH but, where a version is given, a k6 that says it is of that version. */
async function choose(t: TestContext, name: GeneratorName, users: number, version?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'choose-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  if (version !== undefined) {
    await writeFile(join(folder, 'k6'), `#!/bin/sh\necho 'k6 v${version} (go1.26, linux/amd64)'\n`);
    await chmod(join(folder, 'k6'), 0o755);
  }
  const PATH = [folder, '/bin', '/usr/bin'].slice(0, version === undefined ? 1 : 3).join(delimiter);
  const lines: string[] = [];
  const lab = { ...createStubLab((line) => lines.push(line)), baseEnv: { PATH } };
  return { chosen: await chooseGenerator(lab, name, users), said: lines.join('\n') };
}

test('virtual users: by themselves: from k6 where it is, from the lab where not, and it says so', async (t) => {
  const without = await choose(t, 'auto', 300);
  assert.equal(without.chosen, 'lab');
  assert.match(without.said, /there is no k6 on the PATH/);
  if (process.platform === 'win32') return t.skip('the k6 of this test is a shell script');
  const withK6 = await choose(t, 'auto', 300, '2.2.0');
  assert.equal(withK6.chosen, 'k6');
  assert.match(withK6.said, /k6 2\.2\.0 makes the virtual users/);
  const tooMany = await choose(t, 'auto', 10_000, '2.2.0');
  assert.equal(tooMany.chosen, 'lab');
  assert.match(tooMany.said, /too many for k6/);
  assert.equal((await choose(t, 'auto', 300, '1.5.0')).chosen, 'lab');
});

test('virtual users: by name: what was asked for, or a refusal', async (t) => {
  assert.equal((await choose(t, 'lab', 300)).chosen, 'lab');
  await assert.rejects(
    choose(t, 'k6', 300),
    (error) =>
      error instanceof LabError && error.exitCode === 2 && /not on the PATH/.test(error.message),
  );
});
