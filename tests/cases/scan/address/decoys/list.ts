const a = { limit:4900, b:4901 }; // see main.ts:4902
const t = '12:4903', k = 'user:4904', v6 = 'fe80::4905:1', mac = '00:11:22:4906:44:55';
const css = "z-index:4907;max-width:4908";
x ? y:4909;
std::4910;
const image = 'node:4911';
