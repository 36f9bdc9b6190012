// Usage: npm run build && node scripts/isolation.mjs
// Three figures about how well requests are kept apart, from the built server over HTTP:
//   fairness      20 clients that ask again as soon as they are answered, one thread, 10 s: most ÷ least served
//   cancellation  from a client's hanging up in the middle of its task to the answer to the next in line
//   liveness      how long /livez takes while the event loop is blocked
// Exit code 1 when one misses its limit.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../dist/src/server.js', import.meta.url));
const longest = 134_217_728;

async function withServer(env, use) {
  const child = fork(entry, {
    env: { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', ...env },
    silent: true,
  });
  try {
    const [{ port, adminPort }] = await once(child, 'message');
    return await use({
      port,
      url: `http://127.0.0.1:${port}`,
      admin: `http://127.0.0.1:${adminPort}`,
    });
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}

async function measureFairness() {
  return await withServer({ POOL_THREADS: '1', COMPUTE_QUEUE_MAX: '100' }, async ({ url }) => {
    const served = new Array(20).fill(0);
    const endMs = performance.now() + 10_000;
    await Promise.all(
      served.map(async (_, client) => {
        while (performance.now() < endMs) {
          const response = await fetch(`${url}/compute`);
          await response.text();
          if (response.status === 200) served[client] += 1;
        }
      }),
    );
    return { most: Math.max(...served), least: Math.min(...served) };
  });
}

async function measureCancellationMs() {
  return await withServer({ POOL_THREADS: '1' }, async ({ url }) => {
    for (let i = 0; i < 10; i++) await (await fetch(`${url}/compute`)).text();
    const latenciesMs = [];
    for (let i = 0; i < 50; i++) {
      const client = new AbortController();
      const running = fetch(`${url}/compute?n=${longest}`, { signal: client.signal }).catch(
        () => {},
      );
      const next = fetch(`${url}/compute?n=1`).then((response) => response.text());
      // Both have been received once a third request has been answered.
      await (await fetch(`${url}/health`)).text();
      const abortedMs = performance.now();
      client.abort();
      await next;
      latenciesMs.push(performance.now() - abortedMs);
      await running;
    }
    return latenciesMs.sort((a, b) => a - b);
  });
}

async function measureLivenessMs() {
  return await withServer({ COMPUTE_MODE: 'inline', ADMIN_PORT: '0' }, async ({ port, admin }) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    // Pipelined requests that arrive in one read are handled in one turn of the loop.
    socket.write(`GET /compute?n=${longest} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20));
    const timesMs = [];
    let blockedMs = 0;
    while (blockedMs < 1000) {
      const askedMs = performance.now();
      const { heartbeatAgeMs } = await (await fetch(`${admin}/livez`)).json();
      timesMs.push(performance.now() - askedMs);
      blockedMs = heartbeatAgeMs;
    }
    socket.destroy();
    return { worstMs: Math.max(...timesMs), answers: timesMs.length, blockedMs };
  });
}

function judge(name, text, kept) {
  console.log(`${name.padEnd(13)} ${text}: ${kept ? 'kept' : 'MISSED'}`);
  if (!kept) process.exitCode = 1;
}

const { most, least } = await measureFairness();
judge(
  'fairness',
  `most ÷ least served ${most} ÷ ${least} = ${(most / least).toFixed(3)}, at most 1.1`,
  most / least <= 1.1,
);
const cancellationMs = await measureCancellationMs();
const [median, worst] = [cancellationMs[25], cancellationMs.at(-1)];
judge(
  'cancellation',
  `median ${median.toFixed(2)} ms, worst of 50 ${worst.toFixed(2)} ms; median below 5 ms`,
  median < 5,
);
const { worstMs, answers, blockedMs } = await measureLivenessMs();
judge(
  'liveness',
  `worst of ${answers} answers ${worstMs.toFixed(1)} ms while blocked for ${Math.round(blockedMs)} ms; below 50 ms`,
  worstMs < 50,
);
