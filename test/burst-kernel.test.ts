import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawSample } from '../loadtest/telemetry/collect-telemetry.ts';
import { findFirstTurnMs, waitUntilBlocked } from '../loadtest/telemetry/heartbeat.ts';
import {
  parseNetstat,
  readKernelCounters,
  readTcpSettings,
  subtractCounters,
} from '../loadtest/telemetry/kernel-counters.ts';
import { countersWith } from './helpers/burst-result.ts';
import { serve } from './helpers/lab-servers.ts';

const notLinux = process.platform === 'linux' ? false : 'the kernel counters are those of Linux';

test('netstat: pairs of lines: values under their names, section by section', () => {
  const sections = parseNetstat(
    'TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 5 17\nIpExt: InOctets OutOctets\nIpExt: 4294967297 -1\n',
  );
  assert.deepEqual([...sections.keys()], ['TcpExt', 'IpExt']);
  assert.equal(sections.get('TcpExt')?.get('ListenOverflows'), 17);
  assert.equal(sections.get('IpExt')?.get('InOctets'), 4_294_967_297);
  assert.equal(sections.get('IpExt')?.get('OutOctets'), -1);
});

test('netstat: pairs that do not match: left out, the others read all the same', () => {
  const broken = 'TcpExt: A B C\nTcpExt: 1 2\nIpExt: A\nOther: 1\nMPTcpExt: A\nMPTcpExt: 3\n';
  const sections = parseNetstat(broken);
  assert.deepEqual([...sections.keys()], ['MPTcpExt']);
  assert.equal(sections.get('MPTcpExt')?.get('A'), 3);
  assert.equal(parseNetstat('').size, 0);
});

test('kernel counters: difference: null where one is unknown or began anew', () => {
  const before = countersWith({ ListenOverflows: 5, ListenDrops: 9, TCPSynRetrans: null });
  const after = countersWith({ ListenOverflows: 12, ListenDrops: 1, TCPSynRetrans: 4 });
  const grown = subtractCounters(after, before);
  assert.equal(grown?.ListenOverflows, 7);
  assert.equal(grown?.ListenDrops, null);
  assert.equal(grown?.TCPSynRetrans, null);
  assert.equal(grown?.SyncookiesSent, 0);
  assert.equal(subtractCounters(null, before), null);
  assert.equal(subtractCounters(after, null), null);
});

test('kernel counters: this kernel has them, and the settings', { skip: notLinux }, () => {
  assert.equal(typeof readKernelCounters()?.ListenOverflows, 'number');
  assert.equal(typeof readTcpSettings()?.tcp_syncookies, 'number');
});

test('heartbeat: the first turn after a moment; without one, the loop was blocked until the last sample', () => {
  const sample = (timeMs: number, heartbeatAgeMs: number) =>
    ({ timeMs, heartbeatAgeMs }) as RawSample;
  const blocked = [sample(1000, 20), sample(1100, 120), sample(1200, 220)];
  assert.equal(findFirstTurnMs([...blocked, sample(1310, 5), sample(1410, 3)], 1050), 255);
  assert.equal(findFirstTurnMs(blocked, 1050), 150);
  assert.equal(findFirstTurnMs([], 1050), 0);
});

test('heartbeat: waiting for a blocked loop: until the heartbeat is old, or nothing blocks it any more', async (t) => {
  let heartbeatAgeMs = 40;
  let asked = 0;
  const port = await serve(t, (_req, res) => {
    asked += 1;
    if (asked === 3) heartbeatAgeMs = 300;
    res.end(JSON.stringify({ alive: true, heartbeatAgeMs }));
  });
  const { signal } = new AbortController();
  await waitUntilBlocked(port, () => true, signal);
  assert.equal(asked, 3);
  await assert.rejects(
    waitUntilBlocked(port, () => false, signal),
    /not blocked, or not long enough/,
  );
  await assert.rejects(
    waitUntilBlocked(port, () => asked < 4, signal),
    /not blocked, or not long enough/,
  );
});
