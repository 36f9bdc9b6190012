/** The memory the process holds, in bytes; null while it has no file descriptor left to look with. */
export function readRssBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}
