import express, { type Express } from 'express';
import type { ComputeRunner } from './compute/runner.ts';
import { getCompute, headCompute, postCompute } from './routes/compute.ts';
import { errorHandler, methodNotAllowed, notFound } from './routes/errors.ts';
import { getHealth } from './routes/health.ts';
import { getOpenApi } from './routes/openapi.ts';
import { getUsers, postUsers } from './routes/users.ts';
import type { UserStore } from './users/store.ts';

/** What the app is made of. */
export interface AppDependencies {
  users: UserStore;
  runner: ComputeRunner;
  /** Iterations of the default sum when the client names none. */
  defaultIterations: number;
  /** Told of every error that is ours and not the client's. */
  logError: (error: unknown, req: { url: string }) => void;
}

/** The Express app with all its routes; whoever calls this makes it listen. */
export function createApp({
  users,
  runner,
  defaultIterations,
  logError,
}: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');

  app
    .route('/users')
    .get(getUsers(users))
    .post(postUsers(users))
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  app.route('/health').get(getHealth).all(methodNotAllowed('GET', 'HEAD'));
  app.route('/openapi.json').get(getOpenApi(runner)).all(methodNotAllowed('GET', 'HEAD'));
  const compute = app
    .route('/compute')
    .head(headCompute(runner, defaultIterations))
    .get(getCompute(runner, defaultIterations));
  if (runner.ownTask) compute.post(postCompute(runner));
  compute.all(methodNotAllowed('GET', 'HEAD', ...(runner.ownTask ? ['POST'] : [])));
  app.use(notFound);
  app.use(errorHandler(logError));
  return app;
}
