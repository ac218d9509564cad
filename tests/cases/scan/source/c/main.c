#define HTTP_PORT 4900
static const int port = 4901;
addr.sin_port = htons(4902);
char buffer[4903];
