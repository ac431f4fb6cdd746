import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { migrations } from '../migrations.ts'
import { rights } from './rights.ts'

describeRights('reservation', {
  migrations,
  rights,
  restoreOnly: ["restore_confirmations('{}', '{}', '{}', '{}')"],
})
