New-NetFirewallRule -DisplayName "Shop" -Direction Inbound -LocalPort 4900 -Protocol TCP
$Port = 4901
Get-NetTCPConnection -LocalPort 4902
Start-Sleep -Milliseconds 4903
