import { config } from 'chai'

/** A failed assertion says what it saw: a run in CI leaves nothing but its messages. */
config.truncateThreshold = 2_000
