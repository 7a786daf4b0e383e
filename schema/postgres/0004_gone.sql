-- The feed finds the creations of deleted payments along these, and those of the others along "{payments}_live". Writers wait
-- while an index is built, which reads the whole table. If it is large, run each statement with CONCURRENTLY by hand before
-- the rollout; then there is nothing to do here.
CREATE INDEX IF NOT EXISTS "{payments}_gone" ON "{payments}" (seq) WHERE deleted;
CREATE INDEX IF NOT EXISTS "{payments}_tenants_gone" ON "{payments}_tenants" (tenant COLLATE "POSIX", seq) WHERE deleted;
