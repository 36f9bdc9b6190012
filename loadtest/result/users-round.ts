/** The servers that `bench users` compares. */
export const benchServers = ['ours', 'stock', 'bare'] as const;

/** See {@link benchServers}. */
export type BenchServer = (typeof benchServers)[number];

/** CPU time of one GET /users per server in microseconds, measured one right after the other. */
export type UsersRound = Readonly<Record<BenchServer, number>>;
