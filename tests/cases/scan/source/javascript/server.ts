import { z } from 'zod';
// Shop API, port 4900
const PORT = parseInt(process.env.PORT || '4900', 10);
const port = Number(process.env.API_PORT) || 4901;
const other = process.env.ADMIN_PORT ?? "4902";
export const DEFAULT_WEB_PORT = 3060;
const auth = process.env.AUTH_URL || 'http://localhost:4100';
const shop = config.get<string>('SHOP_URL', 'http://shop-api:4903/v1');
const schema = z.object({ PORT: z.coerce.number().default(4904), LIMIT: z.number().default(4905) });
const config = { port: 4906, timeout: 4907, ports: [4908, 4909] };
app.listen(4910, '0.0.0.0');
await app.listen({ port: 4911 });
const PORTS = { api: 4912, web: 4913 };
expect(cfg.port).toBe(4914);
if (url.port === '4915') wait(4916);
const origins = ['http://localhost:3060', 'https://app.example.com:8443'];
PORT: (env) => env.SHOP_PORT || '4917',
