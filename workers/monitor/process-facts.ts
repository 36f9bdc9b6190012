import { readdirSync, readFileSync } from 'node:fs';

/** The memory the process holds, in bytes; null while it has no file descriptor left to look with. */
export function readRssBytes(): number | null {
  return orNull(() => process.memoryUsage.rss());
}

/** How many file descriptors the process has open; null where the system does not tell. */
export function countOpenDescriptors(): number | null {
  // One of them is there to look.
  return orNull(() => readdirSync('/proc/self/fd').length - 1);
}

/** How many file descriptors the process may have open; null where the system does not tell, or sets no limit. */
export function readMaxDescriptors(): number | null {
  const soft = orNull(() =>
    Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]),
  );
  return Number.isNaN(soft) ? null : soft;
}

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
