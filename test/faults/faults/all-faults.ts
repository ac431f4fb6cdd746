import type { Fault } from '../fault.ts'
import { abuse } from './abuse.ts'
import { comeAndGo } from './come-and-go.ts'
import { crashPoint } from './crash-point.ts'
import { dropSlot } from './drop-slot.ts'
import { failover } from './failover.ts'
import { foreignRecords } from './foreign-records.ts'
import { jumpClock } from './jump-clock.ts'
import { killBroker } from './kill-broker.ts'
import { killController } from './kill-controller.ts'
import { killRelay } from './kill-relay.ts'
import { killService } from './kill-service.ts'
import { loseQuorum } from './lose-quorum.ts'
import { networkFaults } from './network.ts'
import { pauseBroker, pauseRelay, pauseService } from './pause.ts'
import { poison } from './poison.ts'
import { postgresBackends } from './postgres-backends.ts'
import { postgresRestart } from './postgres-restart.ts'
import { recreateTopic } from './recreate-topic.ts'
import { repeatMessages } from './repeat-messages.ts'
import { restartBrokers } from './restart-brokers.ts'
import { restoreBackup } from './restore-backup.ts'
import { rewind } from './rewind.ts'
import { turnCompression } from './turn-compression.ts'
import { turnSettings } from './turn-settings.ts'

/** All faults, in the order in which `--help` lists them. */
export const allFaults: readonly Fault[] = [
  killService,
  killRelay,
  pauseService,
  pauseRelay,
  comeAndGo,
  crashPoint,
  jumpClock,
  killBroker,
  killController,
  pauseBroker,
  loseQuorum,
  restartBrokers,
  postgresBackends,
  postgresRestart,
  dropSlot,
  turnSettings,
  ...networkFaults,
  repeatMessages,
  rewind,
  restoreBackup,
  failover,
  poison,
  turnCompression,
  foreignRecords,
  recreateTopic,
  abuse,
]
