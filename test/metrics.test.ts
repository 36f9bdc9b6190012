import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { until } from './helpers/pool.ts';
import { type ServerProcess, startServer } from './helpers/server-process.ts';

const timeout = 90_000;
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

async function scrape(server: ServerProcess, accept = '*/*'): Promise<string> {
  const response = await fetch(`${server.adminUrl}/metrics`, { headers: { accept } });
  assert.equal(response.status, 200);
  return response.text();
}

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}
interface Family {
  name: string;
  help: string;
  type: string;
  samples: Sample[];
}

/** Parses as strictly as the format allows: HELP, TYPE and samples of each family in one block. */
function parse(text: string): Family[] {
  const families: Family[] = [];
  assert.ok(text.endsWith('\n'));
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    const type = /^# TYPE (\S+) (gauge|counter|histogram)$/.exec(line);
    const sample = /^([a-z0-9_]+)(?:\{(.+)\})? (-?[\d.e+-]+)$/.exec(line);
    const family = families.at(-1);
    if (help !== null) {
      families.push({ name: help[1] ?? '', help: help[2] ?? '', type: '', samples: [] });
    } else if (type !== null) {
      assert.ok(family !== undefined && family.type === '' && type[1] === family.name, line);
      family.type = type[2] ?? '';
    } else {
      assert.ok(sample !== null && family !== undefined && family.type !== '', line);
      const pairs = [...(sample[2] ?? '').matchAll(/([a-z]+)="([^"]*)"(?:,|$)/g)];
      const labels = Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', value ?? '']));
      family.samples.push({ name: sample[1] ?? '', labels, value: Number(sample[3]) });
    }
  }
  return families;
}

function samplesOf(text: string, name: string): Sample[] {
  return parse(text).flatMap(({ samples }) => samples.filter((sample) => sample.name === name));
}

function firstValue(text: string, name: string): number | undefined {
  return samplesOf(text, name)[0]?.value;
}

/** The metrics once each of them has a sample, after a few requests and a computation. */
async function scrapeAll(server: ServerProcess): Promise<string> {
  for (const path of ['/users', '/users?limit=0', '/compute?n=1000', '/a', '/b?c'])
    await (await fetch(`${server.url}${path}`)).text();
  await fetch(`${server.url}/users`, { method: 'PROPFIND' });
  const isThere = ({ name, samples }: Family) =>
    samples.length > 0 || (process.platform !== 'linux' && /_fds$|_accept_queue_/.test(name));
  let text = '';
  await until(async () => {
    text = await scrape(server);
    return text.includes('route="unmatched"') && parse(text).every(isThere);
  });
  return text;
}

describe('metrics', { timeout }, () => {
  test('names: a known prefix, base units, _total for counters alone; every family once, with help', async (t) => {
    const server = await startServer(t);
    const families = parse(await scrapeAll(server));
    const names = families.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    for (const { name, help, type, samples } of families) {
      assert.match(name, /^(process|nodejs|offload|http_request)_[a-z0-9_]+$/);
      assert.match(help, /^[A-Z0-9].*\.$/, name);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(name, /milli|micro|nano|minutes|_ms|_kb|_mb|percent/);
      if (type === 'histogram') assert.ok(name.endsWith('_seconds'), name);
      const suffixes = type === 'histogram' ? /^(_bucket|_sum|_count)$/ : /^$/;
      for (const sample of samples) assert.match(sample.name.slice(name.length), suffixes);
    }
  });

  test('histograms: buckets that only grow, up to +Inf, which is the count', async (t) => {
    const server = await startServer(t);
    const histograms = parse(await scrapeAll(server)).filter(({ type }) => type === 'histogram');
    assert.equal(histograms.length, 3);
    for (const { name, samples } of histograms) {
      const series = new Map<string, Sample[]>();
      for (const sample of samples) {
        const { le: _, ...labels } = sample.labels;
        const key = JSON.stringify(labels);
        series.set(key, [...(series.get(key) ?? []), sample]);
      }
      for (const parts of series.values()) {
        const buckets = parts.filter((part) => part.name === `${name}_bucket`);
        const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
        const counts = buckets.map(({ value }) => value);
        assert.deepEqual(
          bounds,
          bounds.toSorted((a, b) => a - b),
        );
        assert.deepEqual(
          counts,
          counts.toSorted((a, b) => a - b),
        );
        assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
        const [sum, count] = parts.slice(buckets.length);
        assert.deepEqual([sum?.name, count?.name], [`${name}_sum`, `${name}_count`]);
        assert.equal(counts.at(-1), count?.value);
      }
    }
  });

  test('promtool check metrics: has nothing to say', {
    skip: hasPromtool ? false : 'promtool is not installed (Debian: prometheus)',
  }, async (t) => {
    const server = await startServer(t);
    const input = await scrapeAll(server);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  });

  test('OpenMetrics, when asked for: the same, but for the names of counters and the end', async (t) => {
    const server = await startServer(t);
    await scrapeAll(server);
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
    const response = await fetch(`${server.adminUrl}/metrics`, { headers: { accept } });
    const type = response.headers.get('content-type');
    assert.equal(type, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    const text = await response.text();
    assert.ok(text.endsWith('\n# EOF\n'));
    const families = parse(text.replace(/# EOF\n$/, ''));
    const plain = parse(await scrape(server));
    assert.deepEqual(
      families.map((family) => [family.name, family.type]),
      plain.map((family) => [family.name.replace(/_total$/, ''), family.type]),
    );
    assert.equal(firstValue(text.replace(/# EOF\n$/, ''), 'offload_monitor_restarts_total'), 0);
  });

  test('http_request_duration_seconds: by method, route and status; strange paths and methods make no series', async (t) => {
    const server = await startServer(t);
    const send = async (method: string, path: string) =>
      (await fetch(`${server.url}${path}`, { method })).text();
    for (let i = 0; i < 3; i++) await send('GET', `/users?limit=${i + 1}`);
    for (let i = 0; i < 20; i++) await send('GET', `/${i}`);
    for (const method of ['PROPFIND', 'MKCOL', 'LOCK', 'PUT']) await send(method, '/users');
    await send('HEAD', '/compute');
    const client = new AbortController();
    const gone = fetch(`${server.url}/compute?n=134217728`, { signal: client.signal });
    await until(async () => (firstValue(await scrape(server), 'offload_compute_running') ?? 0) > 0);
    client.abort();
    await assert.rejects(gone);
    const counts = async () =>
      samplesOf(await scrape(server), 'http_request_duration_seconds_count').map(
        ({ labels, value }) => `${labels.method} ${labels.route} ${labels.code}: ${value}`,
      );
    await until(async () => (await counts()).length === 6);
    assert.deepEqual((await counts()).sort(), [
      'GET /compute 499: 1',
      'GET /users 200: 3',
      'GET unmatched 404: 20',
      'HEAD /compute 200: 1',
      'PUT /users 405: 1',
      'other /users 405: 3',
    ]);
  });

  test('event loop blocked: is answered, with the age of the heartbeat and what was counted until then', async (t) => {
    const server = await startServer(t, { COMPUTE_MODE: 'inline' });
    await (await fetch(`${server.url}/users`)).text();
    const blocked = Promise.all(
      Array.from({ length: 5 }, () => fetch(`${server.url}/compute?n=134217728`)),
    );
    const name = 'offload_eventloop_heartbeat_age_seconds';
    await until(async () => (firstValue(await scrape(server), name) ?? 0) > 0.3);
    const counted = samplesOf(await scrape(server), 'http_request_duration_seconds_count');
    assert.deepEqual(counted[0]?.labels, { method: 'GET', route: '/users', code: '200' });
    await blocked;
    await until(
      async () =>
        (firstValue(await scrape(server), 'nodejs_eventloop_lag_max_seconds') ?? 0) > 0.05,
    );
  });

  test('docs/metrics.md: lists every metric, no more and no less', async (t) => {
    const server = await startServer(t);
    const docs = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8');
    const listed = docs.split('\n').filter((line) => line.startsWith('| `'));
    const known = parse(await scrapeAll(server)).map(({ name, type, help, samples }) => {
      const labels = Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== 'le');
      const set = labels.length === 0 ? '' : `{${labels.join(',')}}`;
      return `| \`${name}${set}\` | ${type} | ${help} |`;
    });
    assert.deepEqual(listed, known);
  });
});
