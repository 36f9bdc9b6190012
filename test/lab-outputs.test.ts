import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareOutputs } from '../loadtest/commands/prepare-outputs.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { makeFolder } from './helpers/lab-command.ts';

function refusal(message: RegExp) {
  return (error: unknown) =>
    error instanceof LabError && error.exitCode === 2 && message.test(error.message);
}

test('outputs: folders that are missing are made, files are not touched', async (t) => {
  const folder = makeFolder(t);
  const [out, junit] = [join(folder, 'a', 'b'), join(folder, 'c', 'lab.xml')];
  await prepareOutputs({ out, junit });
  assert.ok(statSync(out).isDirectory() && statSync(join(folder, 'c')).isDirectory());
  assert.ok(!existsSync(junit));
  writeFileSync(junit, 'kept');
  await prepareOutputs({ out, junit });
  assert.equal(statSync(junit).size, 4);
});

test('outputs: what cannot be written: one line, before anything is measured', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const missing = join(folder, 'no', 'such', 'file');
  for (const [outputs, message] of [
    [{ out: file }, /^cannot write .*file \(--out\): a file is in the place of a folder$/],
    [{ out: join(file, 'x') }, /\(--out\): a file is in the place of a folder$/],
    [{ junit: folder }, /\(--junit\): it is a folder$/],
    [{ html: join(file, 'x') }, /\(--html\): a file is in the place of a folder$/],
    [{ summary: missing }, /no\/such\/file \(.*GITHUB_STEP_SUMMARY\): there is no such folder/],
  ] as const)
    await assert.rejects(prepareOutputs(outputs), refusal(message));
  assert.ok(!existsSync(join(folder, 'no')));
});

test('outputs: empty names: nothing is wanted', async () => {
  await prepareOutputs({ summary: '' });
});

test('outputs: below /proc, where Node’s recursive mkdir never comes back: refused at once', {
  skip: process.platform === 'linux' ? false : 'only Linux has /proc',
}, async () => {
  for (const outputs of [{ out: '/proc' }, { out: '/proc/x/y' }, { junit: '/proc/x/y' }])
    await assert.rejects(prepareOutputs(outputs), refusal(/^cannot write \/proc.*no such folder/));
});
