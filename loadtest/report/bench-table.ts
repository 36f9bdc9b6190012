import type {
  GeneratorBenchSummary,
  JudgedFigure,
  StoreBenchSummary,
  UsersBenchSummary,
} from '../analysis/bench-summary.ts';
import type { Estimate } from '../stats/estimate.ts';
import type { LimitVerdict } from '../stats/verdict.ts';
import { type Column, renderColumns } from './columns.ts';

const columns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'mean', align: 'right' },
  { title: '95 % interval', align: 'right' },
  { title: 'limit', align: 'left' },
];

const generatorColumns: readonly Column[] = [
  { title: 'requests/s', align: 'right' },
  { title: 'late, p99', align: 'right' },
  { title: '95 % interval', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: 'sent', align: 'right' },
  { title: '', align: 'left' },
];

/** The figures of `bench users` for the terminal. */
export function renderUsersBench(summary: UsersBenchSummary, nodeVersion: string): string {
  const { ours, stock, bare } = summary.usPerRequest;
  return renderTable(
    `CPU time per GET /users, all threads of the server, on one core, Node ${nodeVersion}.`,
    [
      ['bare node:http', ...toCells(bare, 1, ' µs')],
      ['ours', ...toCells(ours, 1, ' µs')],
      ['stock Express', ...toCells(stock, 1, ' µs')],
      ['ours ÷ bare', ...toJudgedCells(summary.oursToBare, 2, '×')],
      ['stock ÷ ours', ...toJudgedCells(summary.stockToOurs, 2, '×')],
    ],
  );
}

/** The figures of `bench store` for the terminal. */
export function renderStoreBench(
  summary: StoreBenchSummary,
  manyUsers: number,
  nodeVersion: string,
): string {
  const many = `${manyUsers.toLocaleString('en-US')} users`;
  const us = summary.usPerRequest;
  return renderTable(
    `CPU time per request to /users, all threads of the server, Node ${nodeVersion}.`,
    [
      ['GET, 100 users', ...toCells(us['get, few'], 1, ' µs')],
      [`GET, ${many}`, ...toCells(us['get, many'], 1, ' µs')],
      ['ratio', ...toJudgedCells(summary.getManyToFew, 2, '×')],
      ['POST, 2 users', ...toCells(us['post, few'], 1, ' µs')],
      [`POST, ${many}`, ...toCells(us['post, many'], 1, ' µs')],
      ['ratio', ...toJudgedCells(summary.postManyToFew, 2, '×')],
    ],
  );
}

/** The figures of `bench start` for the terminal. */
export function renderStartBench(starts: JudgedFigure, nodeVersion: string): string {
  return renderTable(`Time from starting the process to ready, pool mode, Node ${nodeVersion}.`, [
    ['start', ...toJudgedCells(starts, 0, ' ms')],
  ]);
}

/** The figures of `bench generator` for the terminal. */
export function renderGeneratorBench(summary: GeneratorBenchSummary): string {
  const { rates, statedRatePerSec, verdict } = summary;
  const percent = ({ estimate }: JudgedFigure, digits: number) =>
    estimate === undefined ? '–' : `${(100 * estimate.value).toFixed(digits)} %`;
  return [
    'How one generator process keeps its schedule: GET /users at random (Poisson), kept connections, a bare node:http server.',
    '',
    ...renderColumns(
      generatorColumns,
      rates.map(({ ratePerSec, lagP99Ms, eventLoopUtilization, sentRatio, verdict }) => [
        `${ratePerSec}`,
        ...toCells(lagP99Ms.estimate, 2, ' ms'),
        percent(eventLoopUtilization, 0),
        percent(sentRatio, 1),
        { inside: 'valid', outside: 'INVALID', 'cannot tell': 'cannot tell' }[verdict],
      ]),
    ),
    '',
    ...(verdict === undefined
      ? []
      : [`At least ${statedRatePerSec} requests/s: ${renderVerdict(verdict)}.`, '']),
  ].join('\n');
}

function renderTable(title: string, rows: readonly string[][]): string {
  return [title, '', ...renderColumns(columns, rows), ''].join('\n');
}

function toCells(estimate: Estimate | undefined, digits: number, unit: string): string[] {
  if (estimate === undefined) return ['–', '–'];
  const { value, low, high } = estimate;
  return [
    `${value.toFixed(digits)}${unit}`,
    `${low.toFixed(digits)} to ${high.toFixed(digits)}${unit}`,
  ];
}

function toJudgedCells(figure: JudgedFigure, digits: number, unit: string): string[] {
  const { estimate, judgement } = figure;
  const limit =
    judgement === undefined
      ? 'none stated for this Node'
      : `${judgement.bound} ${judgement.limit}${unit}: ${renderVerdict(judgement.verdict)}`;
  return [...toCells(estimate, digits, unit), limit];
}

function renderVerdict(verdict: LimitVerdict): string {
  return verdict === 'cannot tell' ? 'cannot tell, more --rounds may' : verdict;
}
