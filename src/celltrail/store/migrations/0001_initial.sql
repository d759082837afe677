-- The ground of a trail.
--
-- `id` is an integer that means something in this file only. What travels to other trails bears a `global_id`
-- (domain/ids.py) and an author, its own or its run's. What repeats from run to run (code, environments, frames,
-- names) stands in a table of its own and is pointed at. Times are ISO-8601 in UTC with microseconds and "Z", so that
-- their order as text is their order in time. A digest is BLAKE3 as 32 bytes; an `identity` is the first 16 bytes of
-- one over all that a row says. JSON holds numbers that are not finite as {"$float": "nan"}; text that UTF-8 can't
-- hold is escaped (values.py).

-- One row a migration that this file went through.
CREATE TABLE migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  celltrail TEXT NOT NULL
) STRICT;

-- Facts about the trail itself: its global id, when it was made.
CREATE TABLE trail (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Short texts that repeat: parameter keys, cell ids, variables, roles, estimators, paths. Never deleted.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- Content by digest: small here, large in blobs/ab/cdef…. What nothing points at (view blob_references) is swept.
CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  encoding TEXT NOT NULL CHECK (encoding IN ('raw', 'zlib', 'file')),
  content BLOB,
  created_at TEXT NOT NULL,
  CHECK ((encoding = 'file') = (content IS NULL))
) STRICT;

-- One start of one kernel.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  author TEXT NOT NULL,
  host TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  client TEXT NOT NULL,
  lock_name TEXT NOT NULL,
  started_at TEXT NOT NULL
) STRICT;

-- A notebook through its renames. `path` is POSIX, relative to the folder that holds the trail where it lies below.
CREATE TABLE notebooks (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL UNIQUE,
  copied_from INTEGER REFERENCES notebooks (id) ON DELETE SET NULL,
  cell_ids TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(cell_ids)), -- as last seen, in order
  author TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX notebooks_by_origin ON notebooks (copied_from) WHERE copied_from IS NOT NULL;

-- The paths that a notebook had before.
CREATE TABLE notebook_paths (
  notebook_id INTEGER NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  until TEXT NOT NULL,
  PRIMARY KEY (notebook_id, path)
) STRICT, WITHOUT ROWID;

-- One execution of any cell.
CREATE TABLE executions (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  session_id INTEGER NOT NULL REFERENCES sessions (id),
  notebook_id INTEGER REFERENCES notebooks (id),
  cell_id INTEGER REFERENCES names (id),
  execution_count INTEGER,
  source_id INTEGER NOT NULL REFERENCES blobs (id),
  parent_id INTEGER REFERENCES executions (id) ON DELETE SET NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted', 'lost')),
  started_at TEXT NOT NULL,
  duration_s REAL,
  error_name TEXT,
  error_message TEXT,
  is_false_start INTEGER NOT NULL DEFAULT 0 CHECK (is_false_start IN (0, 1))
) STRICT;
CREATE INDEX executions_running ON executions (session_id) WHERE status = 'running';
CREATE INDEX executions_by_parent ON executions (parent_id) WHERE parent_id IS NOT NULL;

-- The history of one cell of one notebook. Names are unique among the trail's own; an imported experiment keeps the name
-- and numbers that its own trail (`origin`, a trail's global id) gave, beside one of the same name here.
CREATE TABLE experiments (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL CHECK (name <> ''),
  is_named INTEGER NOT NULL CHECK (is_named IN (0, 1)), -- 1: a person gave the name
  notebook_id INTEGER REFERENCES notebooks (id),
  parent_id INTEGER REFERENCES experiments (id) ON DELETE SET NULL, -- forked from
  next_number INTEGER NOT NULL DEFAULT 1, -- numbers of forgotten runs are not given again
  author TEXT NOT NULL,
  created_at TEXT NOT NULL,
  origin TEXT -- NULL: this trail
) STRICT;
CREATE UNIQUE INDEX experiments_by_name ON experiments (name) WHERE origin IS NULL;
CREATE INDEX experiments_imported ON experiments (name) WHERE origin IS NOT NULL;
CREATE INDEX experiments_by_notebook ON experiments (notebook_id);
CREATE INDEX experiments_by_parent ON experiments (parent_id) WHERE parent_id IS NOT NULL;

-- Which experiment a cell of a notebook belongs to now.
CREATE TABLE experiment_cells (
  notebook_id INTEGER NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
  cell_id INTEGER NOT NULL REFERENCES names (id),
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  PRIMARY KEY (notebook_id, cell_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_cells_by_experiment ON experiment_cells (experiment_id);

-- Interpreter, distributions, platform, hardware, threads; `content_id` is the whole as JSON.
CREATE TABLE environments (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  python TEXT NOT NULL,
  platform TEXT NOT NULL,
  content_id INTEGER NOT NULL REFERENCES blobs (id)
) STRICT;

-- Where the code stood in git.
CREATE TABLE git_states (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 16),
  commit_id TEXT,
  branch TEXT,
  is_dirty INTEGER CHECK (is_dirty IN (0, 1)),
  diff_id INTEGER REFERENCES blobs (id),
  status TEXT NOT NULL CHECK (status IN ('kept', 'pending', 'changed', 'not kept', 'unknown'))
) STRICT;

-- One cell of a notebook as it once stood.
CREATE TABLE cell_versions (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 16),
  cell_id TEXT NOT NULL,
  cell_type TEXT NOT NULL,
  source_id INTEGER REFERENCES blobs (id),
  outputs_id INTEGER REFERENCES blobs (id),
  content TEXT NOT NULL CHECK (json_valid(content)) -- metadata, attachments, whatever else the cell has
) STRICT;

-- A notebook as it stood: the ids of its cell_versions in order.
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 16),
  completeness TEXT NOT NULL CHECK (completeness IN ('live', 'saved', 'executed')),
  notebook_id INTEGER REFERENCES notebooks (id),
  nbformat TEXT NOT NULL CHECK (json_valid(nbformat)),
  metadata_id INTEGER NOT NULL REFERENCES blobs (id),
  cells TEXT NOT NULL CHECK (json_valid(cells))
) STRICT;

-- The keys of a run's summary, which its neighbours share: {"params", "written", "metrics", "main"}.
CREATE TABLE shapes (
  id INTEGER PRIMARY KEY,
  keys TEXT NOT NULL UNIQUE CHECK (json_valid(keys))
) STRICT;

-- One tracked execution. `summary` holds the values of its shape's keys, so that a list reads this table alone.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  execution_id INTEGER NOT NULL UNIQUE REFERENCES executions (id),
  experiment_id INTEGER NOT NULL REFERENCES experiments (id),
  number INTEGER CHECK (number > 0), -- NULL: a repeat, or not yet given
  repeat_of INTEGER REFERENCES runs (id) ON DELETE SET NULL,
  repeats INTEGER NOT NULL DEFAULT 1, -- how often the unchanged cell ran in all; kept by the triggers below
  kind TEXT NOT NULL DEFAULT 'run' CHECK (kind IN ('run', 'trial')),
  author TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted', 'lost')),
  started_at TEXT NOT NULL,
  duration_s REAL,
  saved_at TEXT NOT NULL, -- when it was last heard of
  error TEXT,
  note TEXT NOT NULL DEFAULT '',
  main_asked TEXT, -- --main; the one in force stands in the shape
  seed INTEGER,
  source_id INTEGER NOT NULL REFERENCES blobs (id),
  environment_id INTEGER REFERENCES environments (id),
  snapshot_id INTEGER REFERENCES snapshots (id),
  git_id INTEGER REFERENCES git_states (id),
  wall_s REAL,
  cpu_s REAL,
  peak_memory_bytes INTEGER,
  gpu_memory_bytes INTEGER,
  cautions TEXT CHECK (cautions IS NULL OR json_valid(cautions)), -- NULL: none
  unknown TEXT CHECK (unknown IS NULL OR json_valid(unknown)), -- field -> why; NULL: none
  shape_id INTEGER NOT NULL REFERENCES shapes (id),
  summary TEXT NOT NULL,
  fingerprint BLOB, -- of source, inputs, params, environment: equal in a repeat
  forgotten_at TEXT, -- hidden; gone at the next gc
  CHECK (number IS NULL OR repeat_of IS NULL)
) STRICT;
CREATE UNIQUE INDEX runs_by_number ON runs (experiment_id, number) WHERE number IS NOT NULL AND kind = 'run';
CREATE INDEX runs_by_experiment ON runs (experiment_id, id);
CREATE INDEX runs_by_time ON runs (started_at);
CREATE INDEX runs_running ON runs (id) WHERE status = 'running';
CREATE INDEX runs_repeating ON runs (repeat_of) WHERE repeat_of IS NOT NULL;
CREATE INDEX runs_forgotten ON runs (forgotten_at) WHERE forgotten_at IS NOT NULL;

CREATE TRIGGER runs_repeat_added AFTER INSERT ON runs WHEN NEW.repeat_of IS NOT NULL
BEGIN
  UPDATE runs SET repeats = 1 + (SELECT count(*) FROM runs AS r WHERE r.repeat_of = NEW.repeat_of AND r.forgotten_at IS NULL)
  WHERE id = NEW.repeat_of;
END;
CREATE TRIGGER runs_repeat_moved AFTER UPDATE OF repeat_of, forgotten_at ON runs
WHEN OLD.repeat_of IS NOT NEW.repeat_of OR OLD.forgotten_at IS NOT NEW.forgotten_at
BEGIN
  UPDATE runs SET repeats = 1 + (SELECT count(*) FROM runs AS r WHERE r.repeat_of = runs.id AND r.forgotten_at IS NULL)
  WHERE id IN (OLD.repeat_of, NEW.repeat_of);
END;
CREATE TRIGGER runs_repeat_gone AFTER DELETE ON runs WHEN OLD.repeat_of IS NOT NULL
BEGIN
  UPDATE runs SET repeats = 1 + (SELECT count(*) FROM runs AS r WHERE r.repeat_of = OLD.repeat_of AND r.forgotten_at IS NULL)
  WHERE id = OLD.repeat_of;
END;

-- One outermost training call.
CREATE TABLE fits (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  variable INTEGER REFERENCES names (id),
  estimator INTEGER NOT NULL REFERENCES names (id),
  module INTEGER NOT NULL REFERENCES names (id),
  kind INTEGER NOT NULL REFERENCES names (id),
  method INTEGER NOT NULL REFERENCES names (id),
  knows_written INTEGER NOT NULL CHECK (knows_written IN (0, 1)), -- 0: the source could not be read
  duration_s REAL,
  error TEXT,
  warnings TEXT CHECK (warnings IS NULL OR json_valid(warnings)), -- NULL: none
  search_id INTEGER REFERENCES blobs (id), -- JSON: best_params, best_score, trials, …
  contains_training_rows INTEGER NOT NULL DEFAULT 0 CHECK (contains_training_rows IN (0, 1))
) STRICT;
CREATE INDEX fits_by_run ON fits (run_id);

-- A row a parameter. `fit` is the fit's position, -1 where it was logged by hand. `value` keeps its type, so 5 and
-- '5' differ; `special` tells what a column can't: a bool, JSON, an int beyond 64 bits as text, a number that is not
-- finite (value NULL), text too long to index (value is a blob's id).
CREATE TABLE params (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  fit INTEGER NOT NULL CHECK (fit >= -1),
  name_id INTEGER NOT NULL REFERENCES names (id),
  origin INTEGER NOT NULL CHECK (origin IN (0, 1, 2, 3)), -- default, written, written otherwise than resolved, logged
  value ANY,
  special TEXT CHECK (special IN ('bool', 'json', 'int', 'nan', 'inf', '-inf', 'blob')),
  PRIMARY KEY (run_id, fit, name_id, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX params_by_value ON params (name_id, value);
CREATE INDEX params_in_blobs ON params (value) WHERE special = 'blob';

-- What is measured: key, function, evaluated variable, and which way is better.
CREATE TABLE measures (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  function TEXT NOT NULL,
  target TEXT,
  greater_is_better INTEGER CHECK (greater_is_better IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX measures_by_key ON measures (key, function, ifnull(target, ''), ifnull(greater_is_better, -1));

-- Data on which a measure was taken.
CREATE TABLE targets (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  rows INTEGER,
  positives INTEGER
) STRICT;
CREATE UNIQUE INDEX targets_by_digest ON targets (digest, ifnull(rows, -1), ifnull(positives, -1));

-- How often a target was scored: models an execution scored on it.
CREATE TABLE scorings (
  target_id INTEGER NOT NULL REFERENCES targets (id),
  execution_id INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  models INTEGER NOT NULL CHECK (models > 0),
  PRIMARY KEY (target_id, execution_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scorings_by_execution ON scorings (execution_id);

-- A measure of a run, taken by an execution: its own, or a later cell's. A later taking of the same measure of the
-- same fit leaves the earlier row as history (is_current = 0). min, max and mean are NULL where there is one value:
-- read the view metric_rows. execution_id and fit_id are no foreign keys: each would need an index as large as the
-- table, and both go only when the run goes.
CREATE TABLE metrics (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  execution_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  measure_id INTEGER NOT NULL REFERENCES measures (id),
  fit_id INTEGER,
  target_id INTEGER REFERENCES targets (id),
  last REAL, -- NULL where special tells
  special TEXT CHECK (special IN ('nan', 'inf', '-inf')),
  flags INTEGER NOT NULL, -- 1 confirmed, 2 logged by hand, 4 on training data, 8 on unseen data, 16 a series
  is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0, 1)),
  count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
  min REAL,
  max REAL,
  mean REAL,
  sd REAL,
  spread REAL,
  points BLOB, -- all values, and the folds (packing.py); NULL where there is one value and no fold
  PRIMARY KEY (run_id, execution_id, position),
  CHECK ((last IS NULL) = (special IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX metrics_by_value ON metrics (measure_id, last) WHERE is_current = 1;

-- Metrics that stand, with every column filled.
CREATE VIEW metric_rows AS
SELECT m.run_id, m.execution_id, m.position, m.measure_id, k.key, k.function, k.target, k.greater_is_better, m.fit_id,
  m.target_id, m.last, m.special, m.count, ifnull(m.min, m.last) AS min, ifnull(m.max, m.last) AS max,
  ifnull(m.mean, m.last) AS mean, m.sd, m.spread, m.points,
  (m.flags & 1) <> 0 AS is_confirmed, (m.flags & 2) <> 0 AS is_logged,
  CASE WHEN m.flags & 4 THEN 1 WHEN m.flags & 8 THEN 0 END AS on_training_data, (m.flags & 16) <> 0 AS is_series
FROM metrics AS m JOIN measures AS k ON k.id = m.measure_id
WHERE m.is_current = 1;

-- A training curve (fit_id), or a metric logged with steps (fit_id NULL; it has a row in metrics too).
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name_id INTEGER NOT NULL REFERENCES names (id),
  fit_id INTEGER REFERENCES fits (id) ON DELETE CASCADE,
  count INTEGER NOT NULL CHECK (count >= 0)
) STRICT;
CREATE UNIQUE INDEX series_by_run ON series (run_id, name_id, ifnull(fit_id, 0));
CREATE INDEX series_by_fit ON series (fit_id) WHERE fit_id IS NOT NULL;

-- 4,096 points of a series, packed (packing.py).
CREATE TABLE series_chunks (
  series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  points BLOB NOT NULL,
  PRIMARY KEY (series_id, number)
) STRICT, WITHOUT ROWID;

-- Words that a person hung on a run.
CREATE TABLE tags (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name_id INTEGER NOT NULL REFERENCES names (id),
  value TEXT NOT NULL,
  PRIMARY KEY (run_id, name_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_value ON tags (name_id, value);

-- A frame or an array, once for all runs that it entered.
CREATE TABLE datasets (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 16),
  kind INTEGER NOT NULL REFERENCES names (id),
  rows INTEGER,
  size_bytes INTEGER,
  columns_id INTEGER REFERENCES blobs (id), -- JSON
  sampled_digest TEXT,
  digest BLOB CHECK (length(digest) = 32),
  digest_status TEXT NOT NULL CHECK (digest_status IN ('kept', 'pending', 'changed', 'not kept', 'unknown')),
  column_digests_id INTEGER REFERENCES blobs (id), -- JSON
  profile_id INTEGER REFERENCES blobs (id), -- JSON
  reason TEXT NOT NULL DEFAULT ''
) STRICT;

-- What entered a run: a fit of it (`fit` is its position), or a metric or the user's own log (-1).
CREATE TABLE inputs (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  fit INTEGER NOT NULL CHECK (fit >= -1),
  position INTEGER NOT NULL,
  name_id INTEGER NOT NULL REFERENCES names (id),
  role_id INTEGER NOT NULL REFERENCES names (id),
  dataset_id INTEGER NOT NULL REFERENCES datasets (id),
  PRIMARY KEY (run_id, fit, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX inputs_by_dataset ON inputs (dataset_id);

-- Files, URLs and queries that a run read or wrote. A path below the folder that holds the trail is relative to it.
CREATE TABLE files (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  path_id INTEGER NOT NULL REFERENCES names (id),
  mode TEXT NOT NULL CHECK (mode IN ('read', 'write')),
  size_bytes INTEGER,
  modified_ns INTEGER,
  digest BLOB CHECK (length(digest) = 32),
  digest_status TEXT NOT NULL CHECK (digest_status IN ('kept', 'pending', 'changed', 'not kept', 'unknown')),
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_path ON files (path_id);

-- Something with content: model, figure, file, text, table, trials, output, curve.
CREATE TABLE artifacts (
  id INTEGER PRIMARY KEY,
  global_id TEXT NOT NULL UNIQUE,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  fit_id INTEGER REFERENCES fits (id) ON DELETE SET NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('model', 'figure', 'file', 'text', 'table', 'trials', 'output', 'curve')),
  media_type TEXT NOT NULL,
  blob_id INTEGER REFERENCES blobs (id),
  size_bytes INTEGER,
  status TEXT NOT NULL CHECK (status IN ('kept', 'pending', 'changed', 'not kept', 'unknown')),
  reason TEXT NOT NULL DEFAULT '',
  flavor TEXT NOT NULL DEFAULT '',
  signature TEXT NOT NULL DEFAULT '',
  details TEXT CHECK (details IS NULL OR json_valid(details)) -- NULL: none
) STRICT;
CREATE INDEX artifacts_by_run ON artifacts (run_id);
CREATE INDEX artifacts_by_fit ON artifacts (fit_id) WHERE fit_id IS NOT NULL;

-- Every place that points at a blob: what is not in here may be swept. (A sweep turns foreign keys off for its
-- transaction: for each blob SQLite would look through every table above.)
CREATE VIEW blob_references AS
SELECT source_id AS blob_id FROM executions
UNION ALL SELECT source_id FROM runs
UNION ALL SELECT content_id FROM environments
UNION ALL SELECT diff_id FROM git_states WHERE diff_id IS NOT NULL
UNION ALL SELECT source_id FROM cell_versions WHERE source_id IS NOT NULL
UNION ALL SELECT outputs_id FROM cell_versions WHERE outputs_id IS NOT NULL
UNION ALL SELECT metadata_id FROM snapshots
UNION ALL SELECT search_id FROM fits WHERE search_id IS NOT NULL
UNION ALL SELECT columns_id FROM datasets WHERE columns_id IS NOT NULL
UNION ALL SELECT column_digests_id FROM datasets WHERE column_digests_id IS NOT NULL
UNION ALL SELECT profile_id FROM datasets WHERE profile_id IS NOT NULL
UNION ALL SELECT blob_id FROM artifacts WHERE blob_id IS NOT NULL
UNION ALL SELECT value FROM params WHERE special = 'blob';

-- Open connections remember the ids of these rows (intern.py): whoever deletes one tells them, and can't forget to.
CREATE TRIGGER names_swept AFTER DELETE ON names
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER blobs_swept AFTER DELETE ON blobs
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER sessions_swept AFTER DELETE ON sessions
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER environments_swept AFTER DELETE ON environments
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER cell_versions_swept AFTER DELETE ON cell_versions
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER shapes_swept AFTER DELETE ON shapes
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER measures_swept AFTER DELETE ON measures
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
CREATE TRIGGER targets_swept AFTER DELETE ON targets
BEGIN
  INSERT INTO trail (key, value) VALUES ('last_sweep', hex(randomblob(8)))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value;
END;
