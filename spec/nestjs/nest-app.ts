import { Module, type INestApplicationContext, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Module({})
class AppModule {}

/** A Nest application with these imports and providers that logs nothing; it rejects instead of ending the process. */
export async function startNest(metadata: ModuleMetadata): Promise<INestApplicationContext> {
  const options = { logger: false, abortOnError: false } as const;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  return NestFactory.createApplicationContext({ module: AppModule, ...metadata }, options);
}
