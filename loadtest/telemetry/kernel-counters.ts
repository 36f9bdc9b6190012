import { readFileSync } from 'node:fs';
import {
  type KernelCounters,
  kernelCounterNames,
  type TcpSettings,
  tcpSettingNames,
} from '../result/kernel-counters.ts';

/**
 * The kernel's counters as they stand, those of this process's whole network namespace; null where there are none
 * to read (anywhere but Linux). Only differences say something.
 * @see https://docs.kernel.org/networking/snmp_counter.html
 */
export function readKernelCounters(): KernelCounters | null {
  const text = readText('/proc/self/net/netstat');
  if (text === undefined) return null;
  const counters = parseNetstat(text).get('TcpExt');
  return fromNames(kernelCounterNames, (name) => counters?.get(name) ?? null);
}

/** By how much the counters grew from one reading to another; null where one of them could not be made. */
export function subtractCounters(
  after: KernelCounters | null,
  before: KernelCounters | null,
): KernelCounters | null {
  if (after === null || before === null) return null;
  return fromNames(kernelCounterNames, (name) => {
    const [end, start] = [after[name], before[name]];
    // One that shrank was begun anew; how far it came before is lost.
    return end === null || start === null || end < start ? null : end - start;
  });
}

/**
 * Reads a table like `/proc/net/netstat`: pairs of lines with the same first word, names in the first and values in
 * the second. A pair that does not match is left out.
 */
export function parseNetstat(text: string): Map<string, Map<string, number>> {
  const sections = new Map<string, Map<string, number>>();
  let header: string[] = [];
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/);
    if (cells[0] !== header[0] || cells.length !== header.length || !areNumbers(cells)) {
      header = cells;
      continue;
    }
    const [title = '', ...names] = header;
    const values = names.map((name, index) => [name, Number(cells[index + 1])] as const);
    sections.set(title.replace(/:$/, ''), new Map(values));
    header = [];
  }
  return sections;
}

/** The kernel's TCP settings; null where there are none to read (anywhere but Linux). */
export function readTcpSettings(): TcpSettings | null {
  const settings = fromNames(tcpSettingNames, (name) => {
    const text = readText(`/proc/sys/net/ipv4/${name}`);
    return text === undefined ? null : Number.parseInt(text, 10);
  });
  return Object.values(settings).every((value) => value === null) ? null : settings;
}

function areNumbers([, ...values]: readonly string[]): boolean {
  return values.every((value) => /^-?\d+$/.test(value));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function fromNames<Name extends string>(
  names: readonly Name[],
  read: (name: Name) => number | null,
): Record<Name, number | null> {
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, number | null>;
}
