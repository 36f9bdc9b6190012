/** What a scenario asks for, over and over. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** `kept`: one connection per virtual user. `new`: one per request, as a container's health probe opens. */
  readonly connection: 'kept' | 'new';
}

/** The names of the scenarios, and of the lab's streams. */
export type EndpointName = 'users' | 'newcomers' | 'create' | 'health' | 'compute';

/** The endpoints of the server under load. */
export const endpoints: Readonly<Record<EndpointName, Endpoint>> = {
  users: { method: 'GET', path: '/users', connection: 'kept' },
  newcomers: { method: 'GET', path: '/users', connection: 'new' },
  create: {
    method: 'POST',
    path: '/users',
    body: JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' }),
    connection: 'kept',
  },
  health: { method: 'GET', path: '/health', connection: 'new' },
  compute: { method: 'GET', path: '/compute', connection: 'kept' },
};
