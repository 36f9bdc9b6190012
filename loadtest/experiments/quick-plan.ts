import type { QuickPlan } from '../result/quick-result.ts';
import type { ModeChoice } from './mode-plan.ts';

/** What the user can choose about the quick check. */
export interface QuickSettings {
  readonly mode: ModeChoice;
  /** Shared by GET /users and GET /health, so at least two. */
  readonly connections: number;
  /** On GET /compute, in the second phase. */
  readonly pressingConnections: number;
  /** Of load on one server, both phases and their warm-up together. */
  readonly durationMs: number;
  /** The environment of the server, besides its mode. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The defaults of {@link QuickSettings}: ten seconds a mode. */
export const defaultQuickSettings: QuickSettings = {
  mode: 'both',
  connections: 10,
  pressingConnections: 2,
  durationMs: 10_000,
  settings: {},
};

const warmupShare = 0.1;

/** The plan of a quick check: two phases of the same length per mode, a tenth of each for warming up. */
export function createQuickPlan(settings: QuickSettings): QuickPlan {
  const phaseMs = settings.durationMs / 2;
  const warmupMs = phaseMs * warmupShare;
  return {
    modes: settings.mode === 'both' ? ['inline', 'pool'] : [settings.mode],
    connections: {
      users: Math.ceil(settings.connections / 2),
      health: Math.floor(settings.connections / 2),
    },
    pressingConnections: settings.pressingConnections,
    warmupMs,
    measureMs: phaseMs - warmupMs,
    settings: { ...settings.settings },
  };
}
