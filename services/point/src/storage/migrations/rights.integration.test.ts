import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreateWallets } from './0001-create-wallets.ts'
import { rights } from './rights.ts'

describeRights('point', {
  migrations: [CreateWallets],
  rights,
  restoreOnly: ["restore_debits('{}', '{}', '{}', '{}', '{}')"],
})
