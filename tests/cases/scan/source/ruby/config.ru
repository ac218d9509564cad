port ENV.fetch("PORT") { 4900 }
port ENV.fetch("SHOP_PORT", 4901)
set :port, 4902
Port = ENV['PORT'] || 4903
sleep 4904
