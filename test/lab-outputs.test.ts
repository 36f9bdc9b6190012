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
  await assert.rejects(prepareOutputs({ out: file }), refusal(/file: a file is in the place/));
  await assert.rejects(prepareOutputs({ out: join(file, 'x') }), refusal(/a file is in the place/));
  await assert.rejects(prepareOutputs({ junit: folder }), refusal(/it is a folder$/));
  await assert.rejects(prepareOutputs({ html: join(file, 'x') }), refusal(/^cannot write /));
  await assert.rejects(prepareOutputs({ summary: join(file, 'x') }), refusal(/^cannot write /));
});

test('outputs: below /proc, where Node’s recursive mkdir never comes back: refused at once', {
  skip: process.platform === 'linux' ? false : 'only Linux has /proc',
}, async () => {
  await assert.rejects(prepareOutputs({ out: '/proc/x/y' }), refusal(/^cannot write \/proc\/x\/y/));
});
