import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreateConcerts } from './0001-create-concerts.ts'
import { rights } from './rights.ts'

describeRights('reservation', {
  migrations: [CreateConcerts],
  rights,
  restoreOnly: ["restore_confirmations('{}', '{}', '{}', '{}')"],
})
