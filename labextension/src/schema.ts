/**
 * The shapes of everything that is shown: the mirror of `src/celltrail/views/schema.py`.
 *
 * Python makes `tests/contract/*.json` from its types, and the tests here accept and draw those files: a field that is
 * changed on one side only fails there. Each type is read off its guard, so the two cannot drift apart.
 */
import type { Guarded } from './guards';
import {
  either,
  isAnything,
  isFiniteNumber,
  isFlag,
  isText,
  listOf,
  mapOf,
  oneOf,
  orNull,
  shape
} from './guards';

export const RUN_MIME = 'application/vnd.celltrail.run.v1+json';

/** A number as JSON can carry it: what is not finite comes as a word. */
export const isNumeric = either(isFiniteNumber, oneOf('nan', 'inf', '-inf'));

const isParams = mapOf(isAnything);

const isRunHead = shape({
  id: isText,
  reference: isText,
  experiment: isText,
  number: orNull(isFiniteNumber),
  repeats: isFiniteNumber,
  author: isText,
  status: oneOf('running', 'finished', 'failed', 'interrupted', 'lost'),
  started_at: isText,
  duration_s: orNull(isFiniteNumber)
});

const isHeadline = shape({
  key: isText,
  label: isText,
  value: isNumeric,
  text: isText,
  target: isText,
  target_detail: isText,
  greater_is_better: orNull(isFlag)
});

const isDelta = shape({
  against: isText,
  value: isNumeric,
  text: isText,
  direction: oneOf('up', 'down', 'same'),
  is_better: orNull(isFlag),
  may_be_chance: isFlag,
  noise: orNull(isNumeric),
  noise_source: isText
});

const isChange = shape({
  kind: oneOf('param', 'columns', 'rows', 'data', 'code', 'environment', 'estimator', 'seed', 'cell', 'file'),
  name: isText,
  before: isText,
  after: isText
});

const isCaution = shape({ text: isText, consequence: isText, next: isText });

const isMetricRow = shape({
  key: isText,
  label: isText,
  value: isNumeric,
  text: isText,
  spread: orNull(isNumeric),
  count: isFiniteNumber,
  fit: orNull(isText),
  is_confirmed: isFlag
});

const isFitRow = shape({
  name: isText,
  estimator: isText,
  value: orNull(isNumeric),
  text: isText,
  is_top: isFlag,
  remark: isText,
  params_written: orNull(isParams),
  params_default: isFiniteNumber,
  model: isText,
  curve: mapOf(listOf(isNumeric))
});

const isInputRow = shape({
  name: isText,
  role: isText,
  kind: isText,
  rows: orNull(isFiniteNumber),
  columns: orNull(isFiniteNumber),
  digest: isText,
  status: isText
});

const isTrendPoint = shape({
  number: isFiniteNumber,
  value: orNull(isNumeric),
  is_this: isFlag,
  is_best: isFlag
});

const isSaved = shape({
  metrics: mapOf(isNumeric),
  main_metric: orNull(isText),
  inputs: listOf(isParams),
  versions: mapOf(isText),
  params: isParams,
  seed: orNull(isFiniteNumber),
  source_digest: isText,
  author: isText,
  date: isText
});

const isSavedSays = shape({ value_text: isText, author: isText, date: isText, differences: listOf(isText) });

/** Whether this is the line or the panel of one run, in the version that is drawn here. */
export const isRunView = shape({
  schema: oneOf('celltrail.run/1'),
  mode: oneOf('line', 'panel'),
  run: isRunHead,
  evaluates_later: isFlag,
  headline: orNull(isHeadline),
  standing: isText,
  is_best: isFlag,
  delta: orNull(isDelta),
  changed: listOf(isChange),
  same: listOf(isText),
  cautions: listOf(isCaution),
  error: isText,
  target_scored: isFiniteNumber,
  repeats_say: isText,
  metrics: listOf(isMetricRow),
  fits: listOf(isFitRow),
  inputs: listOf(isInputRow),
  environment: isText,
  trend: listOf(isTrendPoint),
  saved: isSaved,
  saved_says: orNull(isSavedSays),
  pending: listOf(isText)
});

/** Whether this is one run of a list. */
export const isRunRow = shape({
  id: isText,
  reference: isText,
  experiment: isText,
  number: orNull(isFiniteNumber),
  repeats: isFiniteNumber,
  author: isText,
  status: isText,
  started_at: isText,
  duration_s: orNull(isFiniteNumber),
  main_metric: orNull(isText),
  main_value: orNull(isNumeric),
  params: isParams,
  metrics: mapOf(isNumeric),
  tags: mapOf(isText),
  note: isText,
  error: orNull(isText),
  source_digest: isText,
  environment_digest: isText
});

const isMetricDifference = shape({
  key: isText,
  left: orNull(isNumeric),
  right: orNull(isNumeric),
  text: isText,
  same_target: isFlag
});

const isCurvePair = shape({ name: isText, left: listOf(isNumeric), right: listOf(isNumeric) });

/** Whether this is everything that differs between two runs. */
export const isCompareView = shape({
  schema: oneOf('celltrail.compare/1'),
  left: isRunHead,
  right: isRunHead,
  metrics: listOf(isMetricDifference),
  params: listOf(isChange),
  data: listOf(isChange),
  code: isText,
  environment: listOf(isChange),
  other_cells: listOf(mapOf(isText)),
  outputs: listOf(isText),
  curves: listOf(isCurvePair),
  same: listOf(isText)
});

/** Every shape by its name in Python, so that a test can lay the two side by side. */
export const SHAPES: Record<string, { readonly keys: string[] }> = {
  Caution: isCaution,
  Change: isChange,
  CompareView: isCompareView,
  Delta: isDelta,
  FitRow: isFitRow,
  Headline: isHeadline,
  InputRow: isInputRow,
  MetricDifference: isMetricDifference,
  MetricRow: isMetricRow,
  RunHead: isRunHead,
  RunRow: isRunRow,
  RunView: isRunView,
  Saved: isSaved,
  SavedSays: isSavedSays,
  TrendPoint: isTrendPoint
};

export type Numeric = Guarded<typeof isNumeric>;
export type RunHead = Guarded<typeof isRunHead>;
export type Headline = Guarded<typeof isHeadline>;
export type Delta = Guarded<typeof isDelta>;
export type Change = Guarded<typeof isChange>;
export type Caution = Guarded<typeof isCaution>;
export type MetricRow = Guarded<typeof isMetricRow>;
export type FitRow = Guarded<typeof isFitRow>;
export type InputRow = Guarded<typeof isInputRow>;
export type TrendPoint = Guarded<typeof isTrendPoint>;
export type SavedSays = Guarded<typeof isSavedSays>;
export type RunView = Guarded<typeof isRunView> & { note?: string };
export type RunRow = Guarded<typeof isRunRow>;
export type MetricDifference = Guarded<typeof isMetricDifference>;
export type CurvePair = Guarded<typeof isCurvePair>;
export type CompareView = Guarded<typeof isCompareView>;
