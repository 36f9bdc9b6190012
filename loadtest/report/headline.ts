import type { AssertionOutcome } from '../analysis/assertions.ts';
import type { ContrastVerdict } from '../analysis/verdict.ts';

/** The answer in one sentence. */
export interface ReportHeadline {
  readonly sentence: string;
  /** What the sentence rests on, and what else is worth a sentence. */
  readonly details: readonly string[];
  readonly tone: 'good' | 'bad' | 'neutral';
}

/** What analysis found out about a result, for every renderer. */
export interface ReportAnalysis {
  readonly headline: ReportHeadline;
  /** Undefined: there are no two targets to compare. */
  readonly verdict: ContrastVerdict | undefined;
  /** Whether the measurement as a whole can be trusted. */
  readonly isTrusted: boolean;
  /** What to do about it, each piece with what it is about. */
  readonly advice: readonly { readonly topic: string; readonly text: string }[];
}

/** One condition of `--assert` and what came of it. */
export interface CheckedAssertion {
  readonly text: string;
  readonly outcome: AssertionOutcome['outcome'];
  /** The figure, or why there is none. */
  readonly actual: string;
}
