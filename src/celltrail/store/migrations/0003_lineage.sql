-- Lineage: what each execution touched.

-- The names that an execution read, bound, changed and deleted (domain/touches.py), as JSON; a cell that runs again
-- touches the same, so they stand once. Never deleted: open connections remember the ids.
CREATE TABLE touches (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 16),
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;
-- NULL: not known.
ALTER TABLE executions ADD COLUMN touches_id INTEGER REFERENCES touches (id);
CREATE INDEX executions_of_session ON executions (session_id);

-- The files that an execution read and wrote, whether it is a run or not; "both": what it held before still counts.
CREATE TABLE execution_files (
  execution_id INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  path_id INTEGER NOT NULL REFERENCES names (id),
  mode TEXT NOT NULL CHECK (mode IN ('read', 'write', 'both')),
  size_bytes INTEGER,
  modified_ns INTEGER,
  digest BLOB CHECK (length(digest) = 32),
  digest_status TEXT NOT NULL CHECK (digest_status IN ('kept', 'pending', 'changed', 'not kept', 'unknown')),
  PRIMARY KEY (execution_id, path_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX execution_files_by_path ON execution_files (path_id);

-- What replays of a run came to (domain/verdict.py); the newest stands.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  verdict TEXT NOT NULL CHECK (
    verdict IN ('identical', 'close', 'same decisions', 'different', 'unstable', 'failed', 'not tried')
  ),
  content TEXT NOT NULL CHECK (json_valid(content)),
  author TEXT NOT NULL,
  replayed_at TEXT NOT NULL
) STRICT;
CREATE INDEX verdicts_by_run ON verdicts (run_id, id);

-- Of a trial (kind 'trial'): the run that was replayed, and what was put in the place of what, as JSON.
ALTER TABLE runs ADD COLUMN origin_id INTEGER REFERENCES runs (id) ON DELETE SET NULL;
ALTER TABLE runs ADD COLUMN substituted TEXT CHECK (substituted IS NULL OR json_valid(substituted));
CREATE INDEX runs_by_origin ON runs (origin_id) WHERE origin_id IS NOT NULL;
