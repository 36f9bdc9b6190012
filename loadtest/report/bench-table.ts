import type {
  GeneratorBenchSummary,
  JudgedSpread,
  Spread,
  StoreBenchSummary,
  UsersBenchSummary,
} from '../analysis/bench-summary.ts';
import { type Column, renderColumns } from './columns.ts';

const columns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'median', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'limit', align: 'left' },
];

const generatorColumns: readonly Column[] = [
  { title: 'requests/s', align: 'right' },
  { title: 'late, p99', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: 'sent', align: 'right' },
  { title: '', align: 'left' },
];

/** The figures of `bench users` for the terminal. */
export function renderUsersBench(summary: UsersBenchSummary, nodeVersion: string): string {
  const { ours, stock, bare } = summary.usPerRequest;
  const us = (name: string, spread: Spread) => [name, ...toCells(spread, 1, ' µs')];
  return [
    `CPU time per GET /users, all threads of the server, on one core, Node ${nodeVersion}.`,
    '',
    ...renderColumns(columns, [
      us('bare node:http', bare),
      us('ours', ours),
      us('stock Express', stock),
      ['ours ÷ bare', ...toCells(summary.oursToBare, 2, '×'), judge(summary.oursToBare, 'at most')],
      [
        'stock ÷ ours',
        ...toCells(summary.stockToOurs, 2, '×'),
        judge(summary.stockToOurs, 'at least'),
      ],
    ]),
    '',
  ].join('\n');
}

/** The figures of `bench store` for the terminal. */
export function renderStoreBench(
  summary: StoreBenchSummary,
  manyUsers: number,
  nodeVersion: string,
): string {
  const many = `${manyUsers.toLocaleString('en-US')} users`;
  const rows = [
    ['GET, 100 users', ...toCells(summary.usPerRequest['get, few'], 1, ' µs')],
    [`GET, ${many}`, ...toCells(summary.usPerRequest['get, many'], 1, ' µs')],
    ['ratio', ...toCells(summary.getManyToFew, 2, '×'), judge(summary.getManyToFew, 'at most')],
    ['POST, 2 users', ...toCells(summary.usPerRequest['post, few'], 1, ' µs')],
    [`POST, ${many}`, ...toCells(summary.usPerRequest['post, many'], 1, ' µs')],
    ['ratio', ...toCells(summary.postManyToFew, 2, '×'), judge(summary.postManyToFew, 'at most')],
  ];
  return [
    `CPU time per request to /users, all threads of the server, Node ${nodeVersion}.`,
    '',
    ...renderColumns(columns, rows),
    '',
  ].join('\n');
}

/** The figures of `bench start` for the terminal. */
export function renderStartBench(starts: JudgedSpread, nodeVersion: string): string {
  return [
    `Time from starting the process to ready, pool mode, Node ${nodeVersion}.`,
    '',
    ...renderColumns(columns, [
      ['start', ...toCells(starts, 0, ' ms'), judge(starts, 'below', ' ms')],
    ]),
    '',
  ].join('\n');
}

/** The figures of `bench generator` for the terminal. */
export function renderGeneratorBench(summary: GeneratorBenchSummary): string {
  const { rates, statedRatePerSec, isMissed } = summary;
  const stated = rates.some(({ ratePerSec }) => ratePerSec === statedRatePerSec);
  return [
    'How one generator process keeps its schedule: GET /users at random (Poisson), kept connections, a bare node:http server.',
    '',
    ...renderColumns(
      generatorColumns,
      rates.map(({ ratePerSec, lagP99Ms, eventLoopUtilization, sentRatio, isKept }) => [
        `${ratePerSec}`,
        ...toCells(lagP99Ms, 2, ' ms'),
        `${(100 * eventLoopUtilization.median).toFixed(0)} %`,
        `${(100 * sentRatio.median).toFixed(1)} %`,
        isKept ? 'valid' : 'INVALID, and a run would say so',
      ]),
    ),
    '',
    ...(stated
      ? [`At least ${statedRatePerSec} requests/s: ${isMissed ? 'MISSED' : 'kept'}.`, '']
      : []),
  ].join('\n');
}

function toCells({ median, min, max }: Spread, digits: number, unit: string): string[] {
  return [median, min, max].map((value) => `${value.toFixed(digits)}${unit}`);
}

function judge({ limit, isMissed }: JudgedSpread, word: string, unit = '×'): string {
  if (limit === undefined) return 'none stated for this Node';
  return `${word} ${limit}${unit}: ${isMissed ? 'MISSED' : 'kept'}`;
}
