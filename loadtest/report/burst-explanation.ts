import type { BurstCase, BurstResult } from '../result/burst-result.ts';
import type { KernelCounters, TcpSettings } from '../result/kernel-counters.ts';

/** What a system does with connections that meet a full accept queue, in one line. */
const inShort: Readonly<Record<string, { readonly name: string; readonly line: string }>> = {
  linux: {
    name: 'Linux',
    line: 'what meets a full queue is dropped and sent again: late, in steps of about a second, and not refused.',
  },
  win32: {
    name: 'Windows',
    line: 'the queue is cut to 200, libuv has 32 accepts pending; beyond about 232 connections are refused.',
  },
  darwin: {
    name: 'macOS',
    line: 'the queue is cut to kern.ipc.somaxconn, 128 unless raised; connections beyond that are reset.',
  },
};

/** Says why the figures are what they are: at length for the system they were taken on, a line each for the others. */
export function explainBurst(result: BurstResult): string[] {
  const { platform } = result.environment;
  const here = inShort[platform];
  const others = Object.entries(inShort).filter(([name]) => name !== platform);
  return [
    here === undefined
      ? `What ${platform} does with a full queue is not known to this lab.`
      : `What happened here (${here.name}):`,
    ...(platform === 'linux' ? explainLinux(result) : explainOther(platform)).map(
      (line) => `  ${line}`,
    ),
    ...(others.length === 0 ? [] : ['Elsewhere:']),
    ...others.map(([, { name, line }]) => `  ${name}: ${line}`),
  ];
}

function explainOther(platform: string): string[] {
  switch (platform) {
    case 'win32':
      return [
        'Windows cuts the accept queue to 200 whatever BACKLOG says, and libuv has 32 accepts pending besides. Beyond',
        'about 232 a SYN is answered with a reset; the client tries a few times more and is then refused (ECONNREFUSED).',
      ];
    case 'darwin':
      return [
        'macOS cuts the accept queue to kern.ipc.somaxconn, 128 unless raised, whatever BACKLOG says. Connections',
        'beyond that are reset (ECONNRESET).',
      ];
    default:
      return [];
  }
}

function explainLinux({ environment, tcpSettings, cases }: BurstResult): string[] {
  const cap = environment.somaxconn === null ? '' : ` (${environment.somaxconn} here)`;
  return [
    'The kernel completes connections by itself and holds them until the server accepts them: as many as the smaller',
    `of BACKLOG and somaxconn${cap}, and one more. Node accepts one per turn of its loop, and a blocked loop none.`,
    ...(hasOverflowed(cases) ? explainOverflow(tcpSettings, cases) : ['No queue overflowed.']),
  ];
}

function explainOverflow(settings: TcpSettings | null, cases: readonly BurstCase[]): string[] {
  return [
    'A SYN that meets a full queue is dropped without a word (ListenOverflows). The client sends it again',
    `(TCPSynRetrans) ${describeRetries(settings)}: hence the steps. Nobody is refused.`,
    ...(isAnsweredLater(cases)
      ? [
          'Connected is not accepted: when the end of a handshake meets a full queue, the connection stands for the client',
          'alone. Its request is sent again, at intervals that double from 0.2 s on, until one finds room in the queue.',
        ]
      : []),
    ...(sumOf(cases, 'SyncookiesSent') > 0
      ? [
          'With more handshakes half done than the queue is long, the kernel answers with SYN cookies (SyncookiesSent):',
          'clients are then connected at once, many more than there is room for.',
        ]
      : []),
    'A longer queue makes the wait for the loop the only one; it does not make the loop turn sooner.',
  ];
}

/** Since Linux 6.5 the first retries may come at equal intervals. */
function describeRetries(settings: TcpSettings | null): string {
  const linear = settings?.tcp_syn_linear_timeouts ?? 0;
  return linear === 0
    ? 'after 1 s, 3 s, 7 s …'
    : `${linear} times about a second apart, then at intervals that double`;
}

/** Also where the counters cannot be read: then it cannot be said that none did. */
function hasOverflowed(cases: readonly BurstCase[]): boolean {
  const isCounted = cases.some(({ kernelCounters }) => kernelCounters !== null);
  return !isCounted || sumOf(cases, 'ListenOverflows') > 0;
}

/** Connections stood that were not answered when the others were. */
function isAnsweredLater(cases: readonly BurstCase[]): boolean {
  return cases.some(({ neverAnswered }) => neverAnswered > 0) || sumOf(cases, 'SyncookiesSent') > 0;
}

function sumOf(cases: readonly BurstCase[], name: keyof KernelCounters): number {
  return cases.reduce((sum, { kernelCounters }) => sum + (kernelCounters?.[name] ?? 0), 0);
}
