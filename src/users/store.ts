/** A user as clients see it. */
export interface User {
  id: number;
  name: string;
  email: string;
}

/** A part of the users in the order of their ids. */
export interface UserPage {
  /** How many users there are in all. */
  count: number;
  users: User[];
  /** The id to continue after; undefined on the last page. */
  next: number | undefined;
}

/** Where users are kept. */
export interface UserStore {
  /** Up to `limit` users whose id is greater than `after`, in time that does not grow with their number. */
  page(limit: number, after: number): UserPage | Promise<UserPage>;
  /** Adds a user under the next free id; throws or rejects with `USERS_FULL`. */
  add(name: string, email: string): User | Promise<User>;
}
