/** @type {import('next').NextConfig} */
module.exports = {
  env: {
    API_URL: process.env.NEXT_PUBLIC_API_URL || 'http://localhost:4900',
  },
  images: { minimumCacheTTL: 3060 },
};
