import { z } from 'zod';

const schema = z.object({
  PORT: z.coerce.number().default(4900),
  WEB_URL: z.string().url().default('http://localhost:3060'),
  JANUA_API_URL: z.string().url().default('http://localhost:4100'),
  DHANAM_API_URL: z.string().url().default('http://localhost:4000'),
  REQUEST_TIMEOUT_MS: z.coerce.number().default(4900),
  ESSAY_MAX_LENGTH: z.coerce.number().default(4000),
});

export const env = schema.parse(process.env);
