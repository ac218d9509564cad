builder.WebHost.UseUrls("http://*:4900");
options.ListenAnyIP(4901);
var port = Environment.GetEnvironmentVariable("PORT") ?? "4902";
int Port { get; set; } = 4903;
Task.Delay(4904);
