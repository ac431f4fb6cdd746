import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreateTrail } from './0001-create-trail.ts'
import { rights } from './rights.ts'

describeRights('console', { migrations: [CreateTrail], rights })
