import { Module } from '@nestjs/common';
import { ActivepiecesModule } from './activepieces/activepieces.module.js';
import { DeepsetModule } from './deepset/deepset.module.js';
import { GorulesModule } from './gorules/gorules.module.js';
import { WiremockModule } from './wiremock/wiremock.module.js';

/** Published invitation APIs of others, each a thin folder on the services of the native API. */
@Module({ imports: [ActivepiecesModule, DeepsetModule, GorulesModule, WiremockModule] })
export class DialectsModule {}
