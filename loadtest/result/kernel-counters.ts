import { z } from 'zod';

/** The counters of Linux's `/proc/net/netstat` (section TcpExt) that tell of a full listening socket, by the kernel's own names. */
export const kernelCounterNames = [
  /** SYNs and final ACKs of handshakes that met a full accept queue. */
  'ListenOverflows',
  /** All that a listening socket dropped, `ListenOverflows` included. */
  'ListenDrops',
  /** SYNs dropped because too many handshakes were half done. */
  'TCPReqQFullDrop',
  /** The same, but answered with a SYN cookie instead of being dropped. */
  'TCPReqQFullDoCookies',
  /** SYN cookies: handshakes the kernel answered without remembering them. */
  'SyncookiesSent',
  'SyncookiesRecv',
  /** SYNs and SYN/ACKs that were sent again. */
  'TCPSynRetrans',
  /** Times that any TCP segment was not acknowledged in time. */
  'TCPTimeouts',
] as const;

/** By how much the kernel's counters grew; null: this kernel has no such counter. */
export const kernelCountersSchema = z.record(
  z.enum(kernelCounterNames),
  z.number().int().nonnegative().nullable(),
);

/** See {@link kernelCountersSchema}. */
export type KernelCounters = z.infer<typeof kernelCountersSchema>;

/** Settings of Linux that decide what a full listening socket does, by their names under `/proc/sys/net/ipv4/`. */
export const tcpSettingNames = [
  /** How often a SYN is sent again at equal intervals, before the intervals double. */
  'tcp_syn_linear_timeouts',
  'tcp_syncookies',
  'tcp_abort_on_overflow',
  'tcp_max_syn_backlog',
] as const;

/** The settings of {@link tcpSettingNames}; null: this kernel has no such setting. */
export const tcpSettingsSchema = z.record(z.enum(tcpSettingNames), z.number().int().nullable());

/** See {@link tcpSettingsSchema}. */
export type TcpSettings = z.infer<typeof tcpSettingsSchema>;
