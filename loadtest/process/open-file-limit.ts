import { readFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';

/** What a process of the lab, or a server, has open besides connections. */
const ownFiles = 64;

/**
 * How many files this process and its children may have open; undefined where there is no such limit. Node.js has
 * raised the soft limit to the hard one by then.
 */
function readOpenFileLimit(): number | undefined {
  try {
    return parseOpenFileLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    // Not Linux. The report knows the limits of other systems; on Windows it has none.
    const report = process.report?.getReport() as ReportWithLimits | undefined;
    const limit = report?.userLimits?.open_files?.soft;
    return typeof limit === 'number' ? limit : undefined;
  }
}

/** The soft limit in the text of Linux's `/proc/<pid>/limits`; undefined: unlimited. */
export function parseOpenFileLimit(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * Throws a {@link LabError} when a process cannot have that many connections. `option` is what the user can ask for
 * fewer with.
 */
export function checkOpenFileLimit(
  connections: number,
  option: string,
  limit: number | undefined = readOpenFileLimit(),
): void {
  const needed = connections + ownFiles;
  if (limit === undefined || limit >= needed) return;
  throw new LabError(
    `${connections} connections need ${needed} open files, but the limit is ${limit}: ` +
      `raise it (ulimit -n ${needed}) or lower ${option}`,
    2,
  );
}

interface ReportWithLimits {
  readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
}
