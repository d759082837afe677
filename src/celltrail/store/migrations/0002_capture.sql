-- What capture without gaps asks of a trail, and what keeps a trail of a hundred thousand runs as quick as one of ten.

-- Which experiments ever ran this source: asked for each new run of a cell whose id does not last.
CREATE INDEX runs_by_source ON runs (source_id, experiment_id);

-- A repeat counts itself in: counting all the others again made the ten thousandth repeat ten thousand times dearer.
DROP TRIGGER runs_repeat_added;
DROP TRIGGER runs_repeat_moved;
DROP TRIGGER runs_repeat_gone;
CREATE TRIGGER runs_repeat_added AFTER INSERT ON runs WHEN NEW.repeat_of IS NOT NULL AND NEW.forgotten_at IS NULL
BEGIN
  UPDATE runs SET repeats = repeats + 1 WHERE id = NEW.repeat_of;
END;
CREATE TRIGGER runs_repeat_moved AFTER UPDATE OF repeat_of, forgotten_at ON runs
WHEN OLD.repeat_of IS NOT NEW.repeat_of OR (OLD.forgotten_at IS NULL) <> (NEW.forgotten_at IS NULL)
BEGIN
  UPDATE runs SET repeats = repeats - 1 WHERE id = OLD.repeat_of AND OLD.forgotten_at IS NULL;
  UPDATE runs SET repeats = repeats + 1 WHERE id = NEW.repeat_of AND NEW.forgotten_at IS NULL;
END;
CREATE TRIGGER runs_repeat_gone AFTER DELETE ON runs WHEN OLD.repeat_of IS NOT NULL AND OLD.forgotten_at IS NULL
BEGIN
  UPDATE runs SET repeats = repeats - 1 WHERE id = OLD.repeat_of;
END;

-- How often a target was scored in all: the sum of its scorings, kept by the triggers below.
ALTER TABLE targets ADD COLUMN scored INTEGER NOT NULL DEFAULT 0;
UPDATE targets SET scored = (SELECT ifnull(sum(s.models), 0) FROM scorings AS s WHERE s.target_id = targets.id);
CREATE TRIGGER scorings_added AFTER INSERT ON scorings
BEGIN
  UPDATE targets SET scored = scored + NEW.models WHERE id = NEW.target_id;
END;
CREATE TRIGGER scorings_changed AFTER UPDATE ON scorings
WHEN OLD.models <> NEW.models OR OLD.target_id <> NEW.target_id
BEGIN
  UPDATE targets SET scored = scored - OLD.models WHERE id = OLD.target_id;
  UPDATE targets SET scored = scored + NEW.models WHERE id = NEW.target_id;
END;
CREATE TRIGGER scorings_gone AFTER DELETE ON scorings
BEGIN
  UPDATE targets SET scored = scored - OLD.models WHERE id = OLD.target_id;
END;

-- The indexes of values hold all that a filter looks at: a value is found, and its run, without a look at the table.
DROP INDEX metrics_by_value;
CREATE INDEX metrics_by_value ON metrics (measure_id, is_current, last) WHERE is_current = 1;
DROP INDEX params_by_value;
CREATE INDEX params_by_value ON params (name_id, value, special);
CREATE INDEX fits_by_estimator ON fits (estimator, run_id);

-- The notebook of a run's execution, kept by the triggers below: a list of one notebook's runs reads its index alone.
ALTER TABLE runs ADD COLUMN notebook_id INTEGER REFERENCES notebooks (id);
UPDATE runs SET notebook_id = (SELECT x.notebook_id FROM executions AS x WHERE x.id = runs.execution_id);
CREATE TRIGGER runs_notebook_known AFTER INSERT ON runs WHEN NEW.notebook_id IS NULL
BEGIN
  UPDATE runs SET notebook_id = (SELECT x.notebook_id FROM executions AS x WHERE x.id = NEW.execution_id)
  WHERE id = NEW.id;
END;
CREATE TRIGGER runs_notebook_moved AFTER UPDATE OF notebook_id ON executions WHEN OLD.notebook_id IS NOT NEW.notebook_id
BEGIN
  UPDATE runs SET notebook_id = NEW.notebook_id WHERE execution_id = NEW.id;
END;

-- Runs in order of time: those that a list shows (numbered, no trial, not forgotten), and repeats; all of an
-- experiment, of a notebook, of an author.
DROP INDEX runs_by_time;
CREATE INDEX runs_listed ON runs (started_at) WHERE kind = 'run' AND forgotten_at IS NULL AND number IS NOT NULL;
CREATE INDEX runs_repeats_by_time ON runs (started_at) WHERE repeat_of IS NOT NULL;
CREATE INDEX runs_of_experiment ON runs (experiment_id, started_at);
CREATE INDEX runs_of_notebook ON runs (notebook_id, started_at);
CREATE INDEX runs_by_author ON runs (author, started_at);
CREATE INDEX runs_by_duration ON runs (duration_s);
-- What is rare, and asked for.
CREATE INDEX runs_not_finished ON runs (status) WHERE status <> 'finished';
CREATE INDEX runs_repeated ON runs (repeats) WHERE repeats > 1;
CREATE INDEX runs_with_note ON runs (note) WHERE note <> '';

-- What else is known of a file (domain.record.FileRecord.details); NULL: nothing.
ALTER TABLE files ADD COLUMN details TEXT CHECK (details IS NULL OR json_valid(details));

-- Models whose content gc never frees, and why: `celltrail.keep` named them, or the registry holds them.
CREATE TABLE pins (
  artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
  why TEXT NOT NULL CHECK (why IN ('kept', 'registered')),
  pinned_at TEXT NOT NULL,
  PRIMARY KEY (artifact_id, why)
) STRICT, WITHOUT ROWID;

-- What was masked before it was stored. A mask in a text may also be a person's own: these count what the door put in:
-- values in the source; {"source": {"email": 2}, "outputs": …}, NULL for none.
ALTER TABLE executions ADD COLUMN masked INTEGER NOT NULL DEFAULT 0 CHECK (masked >= 0);
ALTER TABLE runs ADD COLUMN masked TEXT CHECK (masked IS NULL OR json_valid(masked));

-- Of which other frame an input of a run has rows or columns (domain.record.DatasetRecord.derived_from): JSON.
-- NULL: not known.
ALTER TABLE inputs ADD COLUMN derived_id INTEGER REFERENCES names (id);

-- What a run measured, as the doubles of its shape's metrics, where each is one value: a third of the room that the
-- same numbers take in `summary`, which then holds the params alone. NULL: they stand in `summary`.
ALTER TABLE runs ADD COLUMN measured BLOB;

-- Digests of columns and profile of data, packed (data_facts.py), in its own row: each is of this data alone, so a row
-- and a digest in blobs would say nothing but take half as much again. Older rows point at blobs.
ALTER TABLE datasets ADD COLUMN column_digests BLOB;
ALTER TABLE datasets ADD COLUMN profile BLOB;
