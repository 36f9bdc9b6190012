import { AppError } from '../errors.ts';
import type { User, UserPage, UserStore } from './store.ts';

/**
 * Keeps at most `usersMax` users in this process's memory; starts with two, and is empty of all others after a
 * restart.
 */
export function createMemoryStore(usersMax: number): UserStore {
  // Ids count up from 1 without a gap, so a user's place is its id minus 1.
  const users: User[] = [
    { id: 1, name: 'John Doe', email: 'john@example.com' },
    { id: 2, name: 'Jane Smith', email: 'jane@example.com' },
  ];
  return {
    page(limit, after): UserPage {
      const end = Math.min(after + limit, users.length);
      return {
        count: users.length,
        users: users.slice(after, end),
        next: end < users.length ? end : undefined,
      };
    },
    add(name, email): User {
      if (users.length >= usersMax) throw new AppError('USERS_FULL');
      const user = { id: users.length + 1, name, email };
      users.push(user);
      return user;
    },
  };
}
