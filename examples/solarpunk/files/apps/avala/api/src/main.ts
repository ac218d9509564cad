import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { env } from './config/env';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.enableCors({ origin: [env.WEB_URL, 'http://localhost:3060'] });
  const port = Number(process.env.PORT ?? 4900);
  await app.listen(port);
  console.log(`AVALA API on http://localhost:${port}`);
}

bootstrap();
