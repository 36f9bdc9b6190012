// A load generator of its own, to hold the lab's against: plain sockets, its own schedule, its own arithmetic. It shares
// no code with the lab. Usage: probe.ts <port> <plan as JSON>; prints what GET /users took, as JSON.
import { connect, type Socket } from 'node:net';

interface Stream {
  readonly name: string;
  readonly request: string;
  readonly perSec: number;
  /** Kept connections; 0: a new one for each request. */
  readonly connections: number;
  readonly isRandom: boolean;
}
export interface ProbePlan {
  readonly streams: readonly Stream[];
  readonly warmupMs: number;
  readonly measureMs: number;
}
export interface ProbeResult {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly growthMsPerSec: number;
  readonly unanswered: number;
  readonly lateP99Ms: number;
}
interface Sent {
  readonly dueMs: number;
  sentMs: number;
  endMs: number;
}

const drainMs = 10_000;
const nowMs = () => performance.now();

/** Sends on a socket and calls back when an answer with a Content-Length is complete. */
function ask(socket: Socket, request: string, onEnd: () => void): void {
  let text = '';
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (head < 0 || length === undefined || text.length < head + 4 + Number(length)) return;
    socket.off('data', onData);
    onEnd();
  };
  socket.on('data', onData);
  socket.write(request);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function openPool(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const socket = await open(port);
    await new Promise<void>((resolve) =>
      ask(socket, 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n', resolve),
    );
    sockets.push(socket);
  }
  return sockets;
}

async function start(port: number, stream: Stream, durationMs: number) {
  const { request, perSec, connections, isRandom } = stream;
  const free = await openPool(port, connections);
  const waiting: Sent[] = [];
  const count = Math.round((perSec * durationMs) / 1000);
  const offsetMs = (Math.random() * 1000) / perSec;
  const sent = Array.from({ length: count }, (_, index): Sent => {
    const dueMs = isRandom ? Math.random() * durationMs : offsetMs + (index * 1000) / perSec;
    return { dueMs, sentMs: Number.NaN, endMs: Number.NaN };
  }).sort((a, b) => a.dueMs - b.dueMs);
  const sendOn = (socket: Socket, one: Sent, originMs: number): void =>
    ask(socket, request, () => {
      one.endMs = nowMs() - originMs;
      const next = waiting.shift();
      if (next !== undefined) sendOn(socket, next, originMs);
      else free.push(socket);
    });
  let position = 0;
  return {
    sent,
    sendDue(originMs: number): void {
      for (let one = sent[position]; one !== undefined; one = sent[position]) {
        const at = nowMs() - originMs;
        if (one.dueMs > at) return;
        const current = one;
        current.sentMs = at;
        position += 1;
        if (connections === 0) {
          void open(port).then((socket) =>
            ask(socket, request.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'), () => {
              current.endMs = nowMs() - originMs;
              socket.destroy();
            }),
          );
          continue;
        }
        const socket = free.shift();
        if (socket === undefined) waiting.push(current);
        else sendOn(socket, current, originMs);
      }
    },
  };
}

async function run(port: number, plan: ProbePlan): Promise<ProbeResult> {
  const lastMs = plan.warmupMs + plan.measureMs;
  const streams: Awaited<ReturnType<typeof start>>[] = [];
  for (const stream of plan.streams) streams.push(await start(port, stream, lastMs));
  const originMs = nowMs();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (const stream of streams) stream.sendDue(originMs);
      const isDone = streams.every(({ sent }) => sent.every(({ endMs }) => !Number.isNaN(endMs)));
      if (!isDone && nowMs() - originMs < lastMs + drainMs) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  const endMs = nowMs() - originMs;
  const users = (streams[0]?.sent ?? []).filter(({ dueMs }) => dueMs >= plan.warmupMs);
  const points = users.map((one) => ({
    x: one.dueMs / 1000,
    y: (Number.isNaN(one.endMs) ? endMs : one.endMs) - one.dueMs,
  }));
  const at = (values: number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
  const times = points.map(({ y }) => y);
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const top = points.reduce((sum, { x, y }) => sum + (x - meanX) * y, 0);
  const bottom = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return {
    requests: users.length,
    p50Ms: at(times, 0.5),
    p95Ms: at(times, 0.95),
    growthMsPerSec: top / bottom,
    unanswered: users.filter(({ endMs }) => Number.isNaN(endMs)).length,
    lateP99Ms: at(
      users.map(({ dueMs, sentMs }) => sentMs - dueMs),
      0.99,
    ),
  };
}

const [port, plan] = process.argv.slice(2);
if (port !== undefined && plan !== undefined) {
  process.stdout.write(`${JSON.stringify(await run(Number(port), JSON.parse(plan)))}\n`);
  process.exit();
}
