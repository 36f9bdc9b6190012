/** What a task is given besides its input. */
export interface TaskContext {
  /**
   * True once nobody waits for the result any more: the client has gone or the deadline has passed.
   * A task that looks now and then and returns early keeps its thread; one that never looks is
   * killed together with its thread soon after the deadline.
   */
  cancelled(): boolean;
}
