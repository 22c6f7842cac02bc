import GRDB

/// The tables, and how a database gets from one version to the next.
enum Schema {
  /// The migrations in order.
  ///
  /// One that was released is never changed.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 jobs") { try $0.execute(sql: jobs + indices + counts) }
    migrator.registerMigration("2 owners") { try $0.execute(sql: owners) }
    migrator.registerMigration("3 shares") { try $0.execute(sql: shares) }
    return migrator
  }

  /// The rules between columns are in the tables too, so that no program can store a running job
  /// without an owner or a failed one without a reason.
  private static let jobs = """
    CREATE TABLE job (
      id TEXT NOT NULL PRIMARY KEY,
      status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
      created_at INTEGER NOT NULL,
      run_at INTEGER NOT NULL,
      started_at INTEGER,
      finished_at INTEGER,
      epoch INTEGER NOT NULL DEFAULT 0,
      attempt INTEGER NOT NULL DEFAULT 0,
      restarts INTEGER NOT NULL DEFAULT 0,
      crashes INTEGER NOT NULL DEFAULT 0,
      events INTEGER NOT NULL DEFAULT 0,
      worker TEXT,
      heartbeat_at INTEGER,
      lease_until INTEGER,
      max_seconds INTEGER,
      name TEXT,
      error_code TEXT,
      error_message TEXT,
      error_pointer TEXT,
      progress BLOB,
      summary BLOB,
      request BLOB NOT NULL,
      CHECK ((status = 'running') = (worker IS NOT NULL)),
      CHECK ((status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
      CHECK ((status = 'failed') = (error_code IS NOT NULL))
    ) STRICT;

    CREATE TABLE job_details (
      job_id TEXT NOT NULL PRIMARY KEY REFERENCES job ON DELETE CASCADE,
      details BLOB NOT NULL
    ) STRICT;

    CREATE TABLE job_blob (
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      role TEXT NOT NULL,
      blob TEXT NOT NULL,
      PRIMARY KEY (job_id, role)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE event (
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      id INTEGER NOT NULL CHECK (id > 0),
      type TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (job_id, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE attempt (
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      epoch INTEGER NOT NULL,
      worker TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      outcome TEXT,
      PRIMARY KEY (job_id, epoch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkpoint (
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      step INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      blob TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (job_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE idempotency (
      key TEXT NOT NULL PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    """

  /// The claim reads `job_queued` only, which holds nothing but queued jobs: its cost does not grow
  /// with the number of ended ones.
  private static let indices = """
    CREATE INDEX job_queued ON job (run_at, id) WHERE status = 'queued';
    CREATE INDEX job_running ON job (id) WHERE status = 'running';
    CREATE INDEX job_by_status ON job (status, id);
    CREATE INDEX job_blob_by_blob ON job_blob (blob);
    CREATE INDEX checkpoint_by_blob ON checkpoint (blob);
    CREATE INDEX idempotency_by_age ON idempotency (created_at);
    CREATE INDEX idempotency_by_job ON idempotency (job_id);

    """

  /// Metrics ask how many jobs there are; counting a million rows each time takes too long.
  private static let counts = """
    CREATE TABLE job_count (
      status TEXT NOT NULL PRIMARY KEY,
      number INTEGER NOT NULL CHECK (number >= 0)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO job_count VALUES
      ('queued', 0), ('running', 0), ('succeeded', 0), ('failed', 0), ('cancelled', 0);
    CREATE TRIGGER job_inserted AFTER INSERT ON job BEGIN
      UPDATE job_count SET number = number + 1 WHERE status = NEW.status;
    END;
    CREATE TRIGGER job_moved AFTER UPDATE OF status ON job WHEN OLD.status <> NEW.status BEGIN
      UPDATE job_count SET number = number - 1 WHERE status = OLD.status;
      UPDATE job_count SET number = number + 1 WHERE status = NEW.status;
    END;
    CREATE TRIGGER job_deleted AFTER DELETE ON job BEGIN
      UPDATE job_count SET number = number - 1 WHERE status = OLD.status;
    END;
    """

  /// Jobs have owners, and idempotency keys belong to them; the keys of nobody have the owner ''.
  ///
  /// Jobs of nobody stand in neither of the indices, so that they cost nothing where nobody is told
  /// apart.
  private static let owners = """
    ALTER TABLE job ADD COLUMN owner TEXT CHECK (owner <> '');
    CREATE INDEX job_by_owner ON job (owner, id) WHERE owner IS NOT NULL;
    CREATE INDEX job_queued_by_owner ON job (owner, status)
      WHERE status = 'queued' AND owner IS NOT NULL;

    CREATE TABLE owned_idempotency (
      owner TEXT NOT NULL,
      key TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (owner, key)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO owned_idempotency SELECT '', key, fingerprint, job_id, created_at FROM idempotency;
    DROP TABLE idempotency;
    ALTER TABLE owned_idempotency RENAME TO idempotency;
    CREATE INDEX idempotency_by_age ON idempotency (created_at);
    CREATE INDEX idempotency_by_job ON idempotency (job_id);
    """

  /// Jobs may be paused, wait after a setback, have a priority and go on from another; owners share
  /// the workers' time.
  ///
  /// A claim looks at the first entry of each owner in `job_waiting`, however many there are.
  private static let shares = """
    ALTER TABLE job RENAME COLUMN crashes TO setbacks;
    ALTER TABLE job ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
    ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE job ADD COLUMN parent_id TEXT;
    ALTER TABLE job ADD COLUMN used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0);

    DROP INDEX job_queued;
    CREATE INDEX job_waiting ON job (ifnull(owner, ''), priority DESC, run_at, id)
      WHERE status = 'queued' AND paused = 0;
    CREATE INDEX job_due ON job (run_at) WHERE status = 'queued' AND paused = 0;
    CREATE INDEX job_ended ON job (finished_at, id) WHERE finished_at IS NOT NULL;

    CREATE TABLE share (
      owner TEXT NOT NULL PRIMARY KEY,
      finish_tag INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE share_time (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      virtual_time INTEGER NOT NULL
    ) STRICT;
    INSERT INTO share_time VALUES (1, 0);
    """
}
