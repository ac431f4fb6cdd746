import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreateWallets } from './0001-create-wallets.ts'
import { rights } from './rights.ts'

describeRights('point', {
  migrations: [CreateWallets],
  rights,
  fixed: {
    wallet: ['user_id'],
    debit: ['payment_id', 'user_id', 'amount', 'refusal'],
    ledger_entry: ['user_id', 'kind', 'amount', 'balance', 'payment_id', 'created_at'],
  },
  restoreOnly: ["restore_debits('{}', '{}', '{}', '{}', '{}')"],
})
