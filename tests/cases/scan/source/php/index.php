<?php
$port = getenv('PORT') ?: 4900;
define('HTTP_PORT', 4901);
'port' => env('SHOP_PORT', 4902),
'limit' => 4903,
